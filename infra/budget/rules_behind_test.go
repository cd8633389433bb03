package budget

import (
	"fmt"
	"slices"
	"strings"
)

// queuesEndSomewhere: what a queue cannot deliver goes to another one, and
// every queue is encrypted and watched. What receives failures keeps them for
// the longest time there is, and needs no further queue.
func queuesEndSomewhere(p plan, say func(string, ...any)) {
	dead := deadLetterQueues(p)
	for id, r := range p.of(queueType) {
		switch next := target(r.at("RedrivePolicy", "deadLetterTargetArn")); {
		case dead[id]:
			if number(r.at("MessageRetentionPeriod")) < 14*24*3600 {
				say("%s does not keep dead letters for 14 days", id)
			}
		case p.Resources[next].Type != queueType:
			say("%s has no dead-letter queue", id)
		}
		if r.at("SqsManagedSseEnabled") != true {
			say("%s is not encrypted", id)
		}
		if !watched(p, "AWS/SQS", "", "QueueName", id) {
			say("%s has no alarm", id)
		}
	}
}

// deadLetterQueues are those that a queue, a stream or a function fails to.
func deadLetterQueues(p plan) map[string]bool {
	dead := map[string]bool{}
	for _, r := range p.of(queueType) {
		dead[target(r.at("RedrivePolicy", "deadLetterTargetArn"))] = true
	}
	for _, r := range p.of(functionType) {
		dead[target(r.at("EventInvokeConfig", "DestinationConfig", "OnFailure", "Destination"))] = true
		for _, e := range r.events("DynamoDB") {
			dead[target(at(e, "DestinationConfig", "OnFailure", "Destination"))] = true
		}
	}
	return dead
}

// queueConsumersKeepUp: one bad message does not bring back its batch, nothing
// is handed out twice while it is worked on, and no queue takes all of the
// account's concurrency.
func queueConsumersKeepUp(p plan, say func(string, ...any)) {
	for id, r := range p.of(functionType) {
		for name, e := range r.events("SQS") {
			if !slices.Contains(words(e["FunctionResponseTypes"]), "ReportBatchItemFailures") {
				say("%s %s does not report partial failures", id, name)
			}
			if number(at(e, "ScalingConfig", "MaximumConcurrency")) < 2 {
				say("%s %s has no MaximumConcurrency", id, name)
			}
			queue := p.Resources[target(e["Queue"])]
			if least := 6 * number(p.setting(r, "Timeout")); number(queue.at("VisibilityTimeout")) < least {
				say("%s is not invisible for %v s, six times as long as %s may run", target(e["Queue"]), least, id)
			}
		}
	}
}

// streamsMoveOn: a stream stops at what fails, so a batch is split, retried a
// bounded number of times, and set aside.
func streamsMoveOn(p plan, say func(string, ...any)) {
	for id, r := range p.of(functionType) {
		for name, e := range r.events("DynamoDB") {
			if len(list(at(e, "FilterCriteria", "Filters"))) == 0 {
				say("%s %s takes every change", id, name)
			}
			if e["BisectBatchOnFunctionError"] != true {
				say("%s %s does not split a failed batch", id, name)
			}
			if !slices.Contains(words(e["FunctionResponseTypes"]), "ReportBatchItemFailures") {
				say("%s %s does not report partial failures", id, name)
			}
			if n := number(e["MaximumRetryAttempts"]); n < 0 || n > 100 {
				say("%s %s retries without end", id, name)
			}
			if p.Resources[target(at(e, "DestinationConfig", "OnFailure", "Destination"))].Type != queueType {
				say("%s %s forgets what failed", id, name)
			}
			if !watched(p, "AWS/Lambda", "IteratorAge", "FunctionName", "${AWS::StackName}-"+folder(id)) {
				say("%s %s may fall behind unseen", id, name)
			}
		}
	}
}

// callsWithoutACallerEnd: an asynchronous invocation is either not repeated,
// because another follows, or what fails is kept.
func callsWithoutACallerEnd(p plan, say func(string, ...any)) {
	for id, r := range p.of(functionType) {
		for _, kind := range []string{"EventBridgeRule", "CloudWatchLogs", "Schedule"} {
			for name := range r.events(kind) {
				attempts := fmt.Sprint(r.at("EventInvokeConfig", "MaximumRetryAttempts"))
				kept := p.Resources[target(r.at("EventInvokeConfig", "DestinationConfig", "OnFailure", "Destination"))].Type == queueType
				if !kept && (attempts != "0" || kind != "Schedule") {
					say("%s %s forgets what failed", id, name)
				}
			}
		}
	}
}

// logsEnd: every log has an end to its keeping, and every function writes to
// one of them.
func logsEnd(p plan, say func(string, ...any)) {
	for id, r := range p.of("AWS::Logs::LogGroup") {
		if r.at("RetentionInDays") != "LogRetentionDays" {
			say("%s keeps its lines for ever", id)
		}
	}
	for id, r := range p.of(functionType) {
		if p.Resources[target(r.at("LoggingConfig", "LogGroup"))].Type != "AWS::Logs::LogGroup" {
			say("%s logs to a group that is not of this stack", id)
		}
	}
}

// processorIsOne: all functions are built for the parameter's processor,
// whose default is what TestSizes reads in the binaries.
func processorIsOne(p plan, say func(string, ...any)) {
	if got := strings.Join(words(at(p.Globals, "Function", "Architectures")), " "); got != "Architecture" {
		say("functions are built for %q, not for the parameter", got)
	}
	if at(p.Parameters, "Architecture", "Default") != "arm64" {
		say("the processor is not arm64 by default")
	}
	for id, r := range p.of(functionType) {
		if r.at("Architectures") != nil {
			say("%s has a processor of its own", id)
		}
	}
}

// permissionsStaySmall: each event that pushes adds a statement of about 500
// bytes to the policy of the function's alias, which ends at 20 KB.
func permissionsStaySmall(p plan, say func(string, ...any)) {
	const statement, half = 500, 10_000
	for id, r := range p.of(functionType) {
		if n := len(fields(r.at("Events"))); n*statement > half {
			say("%s has %d events, whose permissions come near 20 KB", id, n)
		}
	}
}
