#include <gtest/gtest.h>

#include "store/sql_text.h"

namespace insula::store {
namespace {

TEST(SqlText, RewritesParametersByNumber) {
  const ExpandedSql sql = expand("select $2, $1, '$3 {tenant}'", TenantMode::none, '?');
  EXPECT_EQ(sql.text, "select ?2, ?1, '$3 {tenant}'");
}

}  // namespace
}  // namespace insula::store
