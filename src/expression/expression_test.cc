#include <gtest/gtest.h>

#include "expression/expression.h"

namespace insula::expression {
TEST(Template, WithoutDelimitersRendersToItself) {
  const Template text = Template::compile("plain } text {");
  EXPECT_TRUE(text.is_literal());
  EXPECT_EQ(text.render(ObjectVariables({}), {}).value(), "plain } text {");
}
}  // namespace insula::expression
