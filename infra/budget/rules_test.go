package budget

import (
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
)

// rules are what cfn-lint cannot know: what this project promised about its
// stack. TestRulesSee has a way to break each of them.
var rules = []rule{
	tablesAreSafe, whatIsDataIsKept, bucketsAreClosed, policiesOpenNothing, rolesNameWhatTheyUse, environmentHoldsNoSecret,
	queuesEndSomewhere, queueConsumersKeepUp, streamsMoveOn, callsWithoutACallerEnd, logsEnd, processorIsOne, permissionsStaySmall,
	rolloutGoesBack, newVersionsAreChecked, hookTouchesTrialsOnly, rolloutHasNoCircle, functionsAreNamed, apiIsThrottled, domainIsMapped, outputsTell, everyFunctionMayTrace,
	everythingIsWatched, mailIsWatched, serverErrorsAreCounted, alarmsSpeak, dashboardShowsAll,
	metricsAreShown, metricsAreExplained,
}

func TestTemplateKeepsTheRules(t *testing.T) {
	got := breaches(t, rules, readFile(t, "template.yaml"), readFile(t, "README.md"))
	if diff := gocmp.Diff([]string(nil), got); diff != "" {
		t.Errorf("broken rules (-want +got):\n%s", diff)
	}
}

// TestRulesSee: each rule says what is wrong when a template that keeps them
// all is broken in one place.
func TestRulesSee(t *testing.T) {
	template, readme := readFile(t, "template.yaml"), readFile(t, "README.md")
	for _, tt := range wrongs {
		t.Run(tt.name, func(t *testing.T) {
			got := breaches(t, rules, exchange(t, template, tt.old, tt.new), readme)
			if diff := gocmp.Diff(tt.want, got); diff != "" {
				t.Errorf("broken rules (-want +got):\n%s", diff)
			}
		})
	}
	for _, tt := range []struct{ name, old, new, want string }{
		{"an alarm is not explained", "`Bounces`", "", "README.md does not say what to do about Bounces"},
		{"a metric is not explained", "| `Opens` |", "| |", "README.md does not say what Opens means"},
		{"metrics are counted wrongly", "13 metrics at", "12 metrics at", "README.md does not say: 13 metrics at $0.30 a month each, $3.90"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := breaches(t, rules, template, exchange(t, readme, tt.old, tt.new))
			if diff := gocmp.Diff([]string{tt.want}, got); diff != "" {
				t.Errorf("broken rules (-want +got):\n%s", diff)
			}
		})
	}
}

// exchange replaces the first occurrence of a text, which must be there.
func exchange(t *testing.T, text, old, new string) string {
	t.Helper()
	if !strings.Contains(text, old) {
		t.Fatalf("there is no %q to break", old)
	}
	return strings.Replace(text, old, new, 1)
}

// queue is a queue with a consumer as both should be. The stack has none yet.
const queue = `
Resources:
  WorkFunction:
    Type: AWS::Serverless::Function
    Properties:
      Timeout: 10
      Events:
        Take:
          Type: SQS
          Properties:
            Queue: !GetAtt Work.Arn
            FunctionResponseTypes: [ReportBatchItemFailures]
            ScalingConfig: {MaximumConcurrency: 10}
  Work:
    Type: AWS::SQS::Queue
    Properties:
      SqsManagedSseEnabled: true
      VisibilityTimeout: 60
      RedrivePolicy: {deadLetterTargetArn: !GetAtt Dead.Arn, maxReceiveCount: 5}
  Dead:
    Type: AWS::SQS::Queue
    Properties: {SqsManagedSseEnabled: true, MessageRetentionPeriod: 1209600}
  WorkAge:
    Type: AWS::CloudWatch::Alarm
    Properties:
      Namespace: AWS/SQS
      MetricName: ApproximateAgeOfOldestMessage
      Dimensions: [{Name: QueueName, Value: !GetAtt Work.QueueName}]
  DeadLetters:
    Type: AWS::CloudWatch::Alarm
    Properties:
      Namespace: AWS/SQS
      MetricName: ApproximateNumberOfMessagesVisible
      Dimensions: [{Name: QueueName, Value: !GetAtt Dead.QueueName}]
`

func TestQueueRulesSee(t *testing.T) {
	tests := []struct {
		name, old, new string
		want           []string
	}{
		{"as it should be", "Work", "Work", nil},
		{"no dead letters", "RedrivePolicy: {deadLetterTargetArn: !GetAtt Dead.Arn, maxReceiveCount: 5}", "", []string{"Dead has no dead-letter queue", "Work has no dead-letter queue"}},
		{"not watched", "Value: !GetAtt Work.QueueName", "Value: other", []string{"Work has no alarm"}},
		{"plain", "SqsManagedSseEnabled: true", "SqsManagedSseEnabled: false", []string{"Work is not encrypted"}},
		{"short memory", "1209600", "345600", []string{"Dead does not keep dead letters for 14 days"}},
		{"whole batches", "[ReportBatchItemFailures]", "[]", []string{"WorkFunction Take does not report partial failures"}},
		{"no bound", "ScalingConfig: {MaximumConcurrency: 10}", "", []string{"WorkFunction Take has no MaximumConcurrency"}},
		{"visible too soon", "VisibilityTimeout: 60", "VisibilityTimeout: 59", []string{"Work is not invisible for 60 s, six times as long as WorkFunction may run"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := breaches(t, []rule{queuesEndSomewhere, queueConsumersKeepUp}, exchange(t, queue, tt.old, tt.new), "")
			if diff := gocmp.Diff(tt.want, got); diff != "" {
				t.Errorf("broken rules (-want +got):\n%s", diff)
			}
		})
	}
}
