package budget

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// rolloutGoesBack: every function is called by its alias, which moves in steps
// and back again at the first alarm: its own errors, or the API's.
func rolloutGoesBack(p plan, say func(string, ...any)) {
	if got := at(p.Globals, "Function", "AutoPublishAlias"); got != alias {
		say("functions have the alias %v, not %s", got, alias)
	}
	how := fmt.Sprint(at(p.Globals, "Function", "DeploymentPreference", "Type"))
	if at(p.Parameters, how, "Default") != "Canary10Percent5Minutes" {
		say("traffic does not move by Canary10Percent5Minutes")
	}
	everywhere := words(at(p.Globals, "Function", "DeploymentPreference", "Alarms"))
	if !slices.Contains(everywhere, "ServerErrors") {
		say("the API's errors do not stop a rollout")
	}
	for id, r := range p.of(functionType) {
		if r.at("AutoPublishAliasAllProperties") != true {
			say("%s publishes no version for a new setting", id)
		}
		if id == hook {
			continue // see newVersionsAreChecked
		}
		if r.at("AutoPublishAlias") != nil || r.at("DeploymentPreference", "Type") != nil || r.at("DeploymentPreference", "Enabled") != nil {
			say("%s has a rollout of its own", id)
		}
		own := words(r.at("DeploymentPreference", "Alarms"))
		if !slices.ContainsFunc(own, func(a string) bool { return countsErrors(p.Resources[a], id) }) {
			say("%s is not taken back when it fails", id)
		}
		for _, a := range append(own, everywhere...) {
			if p.Resources[a].Type != alarmType {
				say("%s waits for %s, which is no alarm", id, a)
			}
		}
	}
}

// alias is the version in service. infra/bootstrap invokes it by this name.
const alias = "live"

// countsErrors reports whether an alarm rises at one error of a function's
// alias. It must name both: FunctionName alone counts what is invoked by
// another way too, and a function's !Ref would make a circle with its alias.
func countsErrors(alarm piece, function string) bool {
	name := named(function)
	dimensions := dimensions(alarm.Properties)
	return alarm.Type == alarmType && alarm.at("Namespace") == "AWS/Lambda" && alarm.at("MetricName") == "Errors" &&
		alarm.at("Statistic") == "Sum" && number(alarm.at("Threshold")) == 1 && number(alarm.at("Period")) == 60 &&
		slices.Contains(dimensions["FunctionName"], name) && slices.Contains(dimensions["Resource"], name+":"+alias)
}

// rolloutHasNoCircle: an alias is made after the alarms that take it back, and
// the API after the aliases that it calls, so CloudFormation refuses an alarm
// that waits for either. cfn-lint does not see this.
func rolloutHasNoCircle(p plan, say func(string, ...any)) {
	gates := words(at(p.Globals, "Function", "DeploymentPreference", "Alarms"))
	for _, r := range p.of(functionType) {
		gates = append(gates, words(r.at("DeploymentPreference", "Alarms"))...)
	}
	for _, gate := range gates {
		needed := map[string]bool{}
		p.needs(gate, needed)
		for id := range needed {
			if kind := p.Resources[id].Type; kind == functionType || kind == "AWS::Serverless::HttpApi" {
				say("%s waits for %s, which waits for it", gate, id)
			}
		}
	}
}

// needs adds a resource and all that it refers to, directly or not.
func (p plan) needs(id string, seen map[string]bool) {
	if _, ok := p.Resources[id]; !ok || seen[id] {
		return
	}
	seen[id] = true
	for _, word := range leaves(p.Resources[id].Properties) {
		p.needs(target(word), seen)
		for _, m := range substituted.FindAllStringSubmatch(word, -1) {
			p.needs(m[1], seen)
		}
	}
}

// substituted matches a resource's name in the text of a !Sub.
var substituted = regexp.MustCompile(`\$\{([A-Za-z0-9]+)`)

// leaves returns every string in a value.
func leaves(v any) (all []string) {
	switch v := v.(type) {
	case string:
		return []string{v}
	case []any:
		for _, e := range v {
			all = append(all, leaves(e)...)
		}
	case map[string]any:
		for _, e := range v {
			all = append(all, leaves(e)...)
		}
	}
	return all
}

// TestBootstrapInvokesTheAlias: what infra/bootstrap calls is what is in service.
func TestBootstrapInvokesTheAlias(t *testing.T) {
	if want := "const live = " + strconv.Quote(alias); !strings.Contains(readFile(t, "infra/bootstrap/invoke.go"), want) {
		t.Errorf("infra/bootstrap has no %s", want)
	}
}

// TestSettingsTravelWithTheCode: a parameter set in samconfig.toml changes what
// is deployed, and so publishes a version. SAM hashes parameters by their names.
func TestSettingsTravelWithTheCode(t *testing.T) {
	_, recipe, _ := strings.Cut(readFile(t, "Makefile"), "\nbuild-%Function:\n")
	if !strings.Contains(recipe, `cp samconfig.toml "$(ARTIFACTS_DIR)/"`) {
		t.Error("the Makefile does not put samconfig.toml beside the binary")
	}
}

// functionsAreNamed: alarms and the dashboard know functions by this name.
func functionsAreNamed(p plan, say func(string, ...any)) {
	for id, r := range p.of(functionType) {
		if want := named(id); r.at("FunctionName") != want {
			say("%s is not named %s", id, want)
		}
	}
}

// apiIsThrottled: the stage has a rate and a burst.
func apiIsThrottled(p plan, say func(string, ...any)) {
	for id, r := range p.of("AWS::Serverless::HttpApi") {
		for _, limit := range []string{"ThrottlingRateLimit", "ThrottlingBurstLimit"} {
			parameter := fmt.Sprint(r.at("DefaultRouteSettings", limit))
			if number(at(p.Parameters, parameter, "Default")) < 1 {
				say("%s has no %s", id, limit)
			}
		}
	}
}

// domainIsMapped: a domain that the stack makes leads to the API.
func domainIsMapped(p plan, say func(string, ...any)) {
	for id, r := range p.of("AWS::ApiGatewayV2::DomainName") {
		mapped := false
		for _, m := range p.of("AWS::ApiGatewayV2::ApiMapping") {
			mapped = mapped || target(m.at("DomainName")) == id && m.Condition == r.Condition && m.at("ApiId") == "Api"
		}
		if !mapped || r.Condition == "" {
			say("%s is not mapped to the API under its own condition", id)
		}
	}
}

// outputsTell: what an operator needs next.
func outputsTell(p plan, say func(string, ...any)) {
	for _, name := range []string{"ApiUrl", "Bucket", "Table", "DashboardUrl", "DomainTarget"} {
		if at(p.Outputs, name, "Value") == nil {
			say("no output %s", name)
		}
	}
}

// everyFunctionMayTrace: Lambda refuses Active to a function whose role may
// not write traces at that time, so the right comes with the role.
func everyFunctionMayTrace(p plan, say func(string, ...any)) {
	if at(p.Globals, "Function", "Tracing") != "Tracing" {
		say("tracing is not set by the parameter")
	}
	for id, r := range p.of(functionType) {
		if !slices.Contains(leaves(p.Resources[target(r.at("Role"))].at("ManagedPolicyArns")), "TracePolicy") {
			say("%s may not write traces", id)
		}
	}
}
