package budget

import (
	"fmt"
	"slices"
	"strings"
)

// hook is the function that CodeDeploy runs before a new version gets traffic.
const hook = "CheckFunction"

// named is what a function is called. The role that SAM gives CodeDeploy may
// invoke no other name than a hook's (SAM, "Safe Lambda deployments").
func named(id string) string {
	name := "${AWS::StackName}-" + folder(id)
	if id == hook {
		name = "CodeDeployHook_" + name
	}
	return name
}

// newVersionsAreChecked: each function but the hook, by the hook, which has
// the time for it.
func newVersionsAreChecked(p plan, say func(string, ...any)) {
	if at(p.Globals, "Function", "DeploymentPreference", "Hooks", "PreTraffic") != hook {
		say("new versions get traffic unchecked")
	}
	slowest := 0.0
	for id, r := range p.of(functionType) {
		if r.at("DeploymentPreference", "Hooks") != nil {
			say("%s has a check of its own", id)
		}
		for range r.events("HttpApi") {
			slowest = max(slowest, number(p.setting(r, "Timeout")))
		}
	}
	if enabled := p.Resources[hook].at("DeploymentPreference", "Enabled"); enabled != false {
		say("%s waits for itself", hook)
	}
	// Two answers, and half a minute to begin, to tidy and to tell CodeDeploy.
	if least := 2*slowest + 30; number(p.setting(p.Resources[hook], "Timeout")) < least {
		say("%s has less than %v s", hook, least)
	}
	needed := map[string]bool{}
	p.needs(hook, needed)
	for id := range needed {
		if p.Resources[id].Type == functionType && id != hook {
			say("%s waits for %s, which waits for it", hook, id)
		}
	}
}

// hookTouchesTrialsOnly: it may invoke versions of the functions that it
// checks, speak of this stack's deployments, and keep files of trials.
func hookTouchesTrialsOnly(p plan, say func(string, ...any)) {
	const lambda, deploy = "arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:", "arn:${AWS::Partition}:codedeploy:${AWS::Region}:${AWS::AccountId}:"
	var checked []string
	for id := range p.of(functionType) {
		if id != hook {
			checked = append(checked, lambda+named(id)+":*")
		}
	}
	allowed := map[string][]string{
		"lambda":     checked,
		"codedeploy": {deploy + "deploymentgroup:${ServerlessDeploymentApplication}/*", deploy + "application:${ServerlessDeploymentApplication}"},
		"s3":         {"${Bucket.Arn}/media/trial-*"},
		"dynamodb":   {"Table.Arn"},
		"logs":       {"CheckLog.Arn"},
	}
	var invoked []string
	for _, policy := range list(p.Resources[target(p.Resources[hook].at("Role"))].at("Policies")) {
		for _, s := range list(at(policy, "PolicyDocument", "Statement")) {
			for _, action := range words(at(s, "Action")) {
				service, _, _ := strings.Cut(action, ":")
				for _, resource := range words(at(s, "Resource")) {
					prefix := fmt.Sprint(at(s, "Condition", "StringLike", "s3:prefix"))
					if !slices.Contains(allowed[service], resource) && (action != "s3:ListBucketVersions" || prefix != "media/trial-*") {
						say("%s may %s on %s", hook, action, resource)
					}
					if action == "lambda:InvokeFunction" {
						invoked = append(invoked, resource)
					}
				}
			}
		}
	}
	for _, version := range checked {
		if !slices.Contains(invoked, version) {
			say("%s may not invoke %s", hook, strings.TrimPrefix(version, lambda))
		}
	}
}
