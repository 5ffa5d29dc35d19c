// Expressions that are shown to people: what has a value, what has none and why, and that nothing secret or foreign gets out.
#include <gtest/gtest.h>

#include "api/test_bench.h"
#include "execution/execution.h"

namespace insula::api {
namespace {

constexpr std::string_view kFlow = R"(id: shown
namespace: company.team
labels: {team: data}
variables:
  greeting: hello
  polite: "{{ vars.greeting }}, dear {{ inputs.name }}"
  chance: "{{ uuid() }}"
  nested: {limit: 5}
inputs:
  - {id: name, type: STRING, defaults: Ada}
  - {id: count, type: INT, defaults: 3}
  - {id: asked, type: STRING}
  - {id: derived, type: STRING, defaults: "{{ inputs.name }} and {{ inputs.asked }}"}
  - {id: password, type: SECRET, defaults: open-sesame}
  - {id: place.city, type: STRING, defaults: Turin}
tasks:
  - {id: say, type: io.kestra.plugin.core.debug.Return, format: "{{ vars.greeting }} {{ inputs.name }}"}
  - {id: say-more, type: io.kestra.plugin.core.debug.Return, format: again}
)";

class Expressions : public testing::Test {
 protected:
  Expressions() : bench_({}, 1, catalog()), ada_(bench_.add_user("ada", true)) {
    bench_.grant(ada_.id, bench_.add_tenant("acme"));
    EXPECT_EQ(ask("POST", "/flows", std::string(kFlow), "application/x-yaml").status, 200);
  }
  static std::shared_ptr<flow::Catalog> catalog() {
    auto filled = std::make_shared<flow::Catalog>();
    execution::register_types(*filled);
    return filled;
  }
  Answer ask(std::string_view method, std::string_view path, std::string body, std::string_view type = "application/json", std::string_view who = "ada") {
    return bench_.call(method, fmt::format("/api/v1/acme{}", path), std::move(body), {{"Authorization", basic(fmt::format("{}@example.com", who))}, {"Content-Type", std::string(type)}});
  }
  Answer render(std::initializer_list<std::string_view> expressions, JsonObject context, std::string_view who = "ada") {
    JsonArray list;
    for (const std::string_view one : expressions) list.emplace_back(one);
    context["expressions"] = std::move(list);
    return ask("POST", "/expressions/render", write_json(context), "application/json", who);
  }
  // The value of one; `!` and the reason when it is returned as it was.
  std::string shown(std::string_view expression, const JsonObject& context) {
    const Answer answer = render({expression}, context);
    EXPECT_EQ(answer.status, 200) << answer.body;
    if (answer.status != 200) return answer.body;
    const Json json = answer.json();
    const std::string value = to_text(json.at("rendered").at(expression));
    const Json* error = insula::find(json.at("errors"), expression);
    if (error == nullptr) return value;
    EXPECT_EQ(value, expression);
    return "!" + to_text(*error);
  }
  std::string of_flow(std::string_view expression) { return shown(expression, {{"namespace", "company.team"}, {"flowId", "shown"}}); }
  std::string of_source(std::string_view expression) { return shown(expression, {{"flow", kFlow}}); }

  // Of a flow that has one output.
  Answer run() {
    EXPECT_EQ(ask("POST", "/flows", "id: done\nnamespace: company.team\ntasks:\n  - {id: say, type: io.kestra.plugin.core.debug.Return, format: hello}\n", "application/x-yaml").status, 200);
    return ask("POST", "/executions/company.team/done?wait=true", "", "application/x-yaml");
  }

  TestBench bench_;
  store::UserRow ada_;
};

TEST_F(Expressions, OfAFlowSeeWhatIsKnownBeforeItRuns) {
  EXPECT_EQ(of_flow("{{ flow.namespace }}.{{ flow.id }} {{ flow.revision }} of {{ flow.tenantId }}"), "company.team.shown 1 of acme");
  EXPECT_EQ(of_flow("{{ vars.greeting | upper }} {{ vars.nested.limit + 1 }}"), "HELLO 6");
  EXPECT_EQ(of_flow("{{ labels.team }}"), "data");
  EXPECT_EQ(of_flow("{{ inputs.name }} {{ inputs.count * 2 }} {{ inputs.place.city }}"), "Ada 6 Turin");
  EXPECT_EQ(of_flow("{{ render(vars.polite) }}"), "hello, dear Ada");
  EXPECT_EQ(of_flow("no expression"), "no expression");
}

TEST_F(Expressions, ThatReadWhatIsNotKnownYetStayAndSayWhy) {
  EXPECT_EQ(of_flow("{{ vars.greeting }} {{ outputs.say.value }}"), "!`outputs` is known only while the flow runs");
  EXPECT_EQ(of_flow("{{ outputs.say.value ?? 'nothing' }}"), "!`outputs` is known only while the flow runs");
  EXPECT_EQ(of_flow("{{ execution.id }}"), "!`execution` is known only while the flow runs");
  EXPECT_EQ(of_flow("{{ inputs.asked }}"), "!the input `asked` has no default: it gets its value when the flow is started");
  EXPECT_TRUE(of_flow("{{ inputs.derived }}").starts_with("!Invalid value for input `derived`")) << of_flow("{{ inputs.derived }}");
  EXPECT_EQ(of_flow("{{ kv('key') }}"), "!kv() is called only when the flow runs");
  EXPECT_EQ(of_flow("{{ http('http://localhost') }}"), "!http() is called only when the flow runs");
}

TEST_F(Expressions, ThatAreWrongSayWhatIs) {
  EXPECT_TRUE(of_flow("{{ outputs.typo.value }}").contains("Unable to find `typo`"));
  EXPECT_TRUE(of_flow("{{ inputs.typo }}").contains("Unable to find `typo`"));
  EXPECT_TRUE(of_flow("{{ vars.typo }}").contains("Unable to find `typo`"));
  EXPECT_TRUE(of_flow("{{ nothing }}").contains("Unable to find `nothing`"));
  EXPECT_TRUE(of_flow("{{ vars.greeting | uper }}").contains("uper"));
  EXPECT_TRUE(of_flow("{{ vars.greeting ").starts_with("!"));
}

TEST_F(Expressions, ShowNoSecretAndNoEnvironmentVariable) {
  EXPECT_EQ(of_flow("{{ secret('PASSWORD') }}"), "[secret: PASSWORD]");
  EXPECT_EQ(of_flow("{{ inputs.password }}"), "[secret: password]");
  EXPECT_TRUE(of_flow("{{ envs.home }}").starts_with("!"));
  EXPECT_TRUE(of_flow("{{ env('HOME') }}").starts_with("!"));
}

TEST_F(Expressions, WhoseValueEachRunMakesAnewStay) {
  for (const std::string_view one : {"{{ now() }}", "{{ uuid() }}", "{{ randomInt(1, 1000000) }}", "{{ render(vars.chance) }}", "{{ now() | date('yyyy') }}"})
    EXPECT_EQ(of_flow(one), "!its value depends on the time or on chance: each run makes its own") << one;
  EXPECT_EQ(of_flow("{{ '2024-05-06T07:08:09Z' | date('yyyy') }}"), "2024");
}

TEST_F(Expressions, OfASourceNeedNoSavedFlow) {
  EXPECT_EQ(of_source("{{ flow.id }} {{ inputs.name }}"), "shown Ada");
  EXPECT_EQ(of_source("{{ flow.revision }}"), "!the revision is known when the flow is saved");
  const std::string broken = shown("{{ inputs.name }}", {{"flow", "id: a\nnamespace: b\ntasks:\n  - {id: x, type: y}\n"}});
  EXPECT_EQ(broken, "!the flow has errors, the first in line 4: Invalid type: y");
  EXPECT_EQ(shown("{{ 1 + 1 }}", {{"flow", ": ["}}), "2");
}

TEST_F(Expressions, WithoutAContextSeeOnlyTheServersGlobals) {
  EXPECT_EQ(shown("{{ 'a' | upper }} {{ kestra.url }}", {}), "A http://localhost:8080");
  EXPECT_TRUE(shown("{{ flow.id }}", {}).starts_with("!"));
}

TEST_F(Expressions, OfAnExecutionSeeWhatItHasDone) {
  const Answer started = run();
  ASSERT_EQ(started.status, 200) << started.body;
  const JsonObject context{{"executionId", started.json().at("id")}};
  EXPECT_EQ(shown("{{ outputs.say.value }} {{ tasks.say.state }}", context), "hello SUCCESS");
  EXPECT_EQ(shown("{{ execution.id }}", context), to_text(started.json().at("id")));
  EXPECT_TRUE(shown("{{ outputs.say.value }} {{ outputs.later.value }}", context).starts_with("!"));
  EXPECT_EQ(render({"{{ 1 }}"}, {{"executionId", "0000000000000000000000"}}).status, 404);
}

TEST_F(Expressions, AreManyAtOnceEachForItself) {
  const Answer answer = render({"{{ inputs.name }}", "{{ inputs.asked }}", "{{ inputs.name }}"}, {{"namespace", "company.team"}, {"flowId", "shown"}});
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(answer.json().at("rendered"), Json(JsonObject{{"{{ inputs.name }}", "Ada"}, {"{{ inputs.asked }}", "{{ inputs.asked }}"}}));
  EXPECT_EQ(answer.json().at("errors").as_object().size(), 1u);
}

TEST_F(Expressions, OfARequestThatIsNoneAreRefused) {
  for (const std::string_view body : {"[]", "{}", R"({"expressions": []})", R"({"expressions": [1]})", R"({"expressions": ["a"], "flowId": "shown"})", R"({"expressions": ["a"], "flow": 1})"})
    EXPECT_EQ(ask("POST", "/expressions/render", std::string(body)).status, 422) << body;
  JsonArray many;
  for (int i = 0; i < 501; ++i) many.emplace_back("a");
  EXPECT_EQ(ask("POST", "/expressions/render", write_json(JsonObject{{"expressions", std::move(many)}})).status, 422);
  EXPECT_EQ(render({"a"}, {{"namespace", "company.team"}, {"flowId", "none"}}).status, 404);
}

TEST_F(Expressions, AreShownToThoseWhoMaySeeTheirContext) {
  const store::UserRow bob = bench_.add_user("bob"), eve = bench_.add_user("eve");
  for (const auto& [user, role] : {std::pair{bob.id, "VIEWER"}, {eve.id, "LAUNCHER"}}) {
    const JsonObject binding{{"type", "USER"}, {"externalId", user.str()}, {"roleId", role}, {"namespaceId", "company.other"}};
    ASSERT_EQ(ask("POST", "/bindings", write_json(binding)).status, 200);
  }
  const Answer started = run();
  ASSERT_EQ(started.status, 200) << started.body;
  const JsonObject stored{{"namespace", "company.team"}, {"flowId", "shown"}}, source{{"flow", kFlow}};
  EXPECT_EQ(render({"{{ inputs.name }}"}, stored, "bob").status, 403);
  EXPECT_EQ(render({"{{ inputs.name }}"}, source, "bob").status, 200);
  EXPECT_EQ(render({"{{ inputs.name }}"}, {{"executionId", started.json().at("id")}}, "bob").status, 404);
  EXPECT_EQ(render({"{{ 1 }}"}, {}, "eve").status, 200);   // sees executions of her namespace
}

class ExpressionOffer : public Expressions {
 protected:
  JsonArray offered(std::string_view category, std::string_view source, std::string_view query = "") {
    const Answer answer = ask("POST", fmt::format("/flows/expressions{}", query), std::string(source), "application/x-yaml");
    EXPECT_EQ(answer.status, 200) << answer.body;
    return answer.json().at("categories").at(category).as_array();
  }
};

TEST_F(ExpressionOffer, NamesInputsVariablesSecretsAndOutputs) {
  EXPECT_EQ(offered("inputs", kFlow).back(), "{{ inputs.place.city }}");
  EXPECT_EQ(offered("variables", kFlow), (JsonArray{"{{ vars.greeting }}", "{{ render(vars.polite) }}", "{{ render(vars.chance) }}", "{{ vars.nested.limit }}"}));
  EXPECT_EQ(offered("taskOutputs", kFlow), (JsonArray{"{{ outputs.say.value }}", "{{ outputs['say-more'].value }}"}));
  EXPECT_EQ(offered("secrets", "a: \"{{ secret('B') }} {{ secret( 'A') }} {{ secret('B') }} secret(x)\""), (JsonArray{"{{ secret('A') }}", "{{ secret('B') }}"}));
  EXPECT_FALSE(offered("filters", "").empty());
  EXPECT_FALSE(offered("functions", "").empty());
  EXPECT_FALSE(offered("executionContext", "").empty());
}

TEST_F(ExpressionOffer, NamesOnlyOutputsThatAreThereWhenTheTaskRuns) {
  constexpr std::string_view source = R"(tasks:
  - {id: before, type: io.kestra.plugin.core.debug.Return}
  - id: loop
    type: io.kestra.plugin.core.flow.ForEach
    values: [a]
    tasks:
      - {id: inner, type: io.kestra.plugin.core.debug.Return}
      - {id: here, type: io.kestra.plugin.core.debug.Return}
  - {id: after, type: io.kestra.plugin.core.debug.Return}
)";
  EXPECT_EQ(offered("taskOutputs", source, "?taskId=here"), (JsonArray{"{{ outputs.before.value }}", "{{ outputs.inner[taskrun.value].value }}"}));
  EXPECT_EQ(offered("taskOutputs", source, "?taskId=before"), JsonArray{});
}

TEST_F(ExpressionOffer, ReadsWhatItCanOfATextThatIsNotFinished) {
  EXPECT_EQ(offered("inputs", "inputs:\n  - id: a\n  - type: INT\n"), (JsonArray{"{{ inputs.a }}"}));
  EXPECT_EQ(offered("inputs", "inputs: ["), JsonArray{});
}

}  // namespace
}  // namespace insula::api
