package budget

import (
	"fmt"
	"strings"
)

// wrongs are ways to break template.yaml, at least one for each rule: the first
// occurrence of a text is replaced by another.
var wrongs = []struct {
	name, old, new string
	want           []string
}{
	// data
	{"table not restorable", "PointInTimeRecoveryEnabled: true", "PointInTimeRecoveryEnabled: false", []string{"Table cannot be restored to a point in time"}},
	{"table plain", "SSEEnabled: true", "SSEEnabled: false", []string{"Table is not encrypted"}},
	{"table unprotected", "DeletionProtectionEnabled: !Ref DeletionProtection", "DeletionProtectionEnabled: false", []string{"Table is not protected from deletion"}},
	{"table unprotected by default", `    Default: "true"`, `    Default: "false"`, []string{"Table is not protected from deletion"}},
	{"table provisioned", "PAY_PER_REQUEST", "PROVISIONED", []string{"Table is not on demand"}},
	{"table goes", "Type: AWS::DynamoDB::Table\n    DeletionPolicy: Retain", "Type: AWS::DynamoDB::Table\n    DeletionPolicy: Delete", []string{"Table goes with the stack"}},
	{"bucket goes when replaced", "Type: AWS::S3::Bucket\n    DeletionPolicy: Retain\n    UpdateReplacePolicy: Retain", "Type: AWS::S3::Bucket\n    DeletionPolicy: Retain", []string{"Bucket goes with the stack"}},
	{"bucket may be public", "RestrictPublicBuckets: true", "RestrictPublicBuckets: false", []string{"Bucket lacks RestrictPublicBuckets"}},
	{"bucket plain", "ServerSideEncryptionConfiguration", "Other", []string{"Bucket is not encrypted"}},
	{"bucket with lists", "BucketOwnerEnforced", "ObjectWriter", []string{"Bucket has access control lists"}},
	{"bucket without TLS", `"aws:SecureTransport": "false"`, `"aws:SecureTransport": "true"`, []string{"Bucket can be reached without TLS"}},
	{"policy open", "Sid: NoOldSignature\n            Effect: Deny", "Sid: NoOldSignature\n            Effect: Allow", []string{"BucketPolicy allows everybody"}},
	{"any action", "[dynamodb:GetItem, dynamodb:BatchGetItem, dynamodb:PutItem, dynamodb:UpdateItem]", `["dynamodb:*"]`, []string{"OpenRole does not name its actions"}},
	{"any resource", "Resource: !GetAtt LinksLog.Arn", `Resource: "*"`, []string{"LinksRole does not name the resources of logs:CreateLogStream, logs:PutLogEvents"}},
	{"more than tracing", "[xray:PutTraceSegments, ", "[logs:PutLogEvents, ", []string{"TracePolicy does not name the resources of logs:PutLogEvents, xray:PutTelemetryRecords"}},
	{"rights elsewhere", "[Traces, [!Ref TracePolicy]", "[Traces, [!Ref TracePolicy, 'arn:aws:iam::aws:policy/AdministratorAccess']", []string{"LinksRole has rights that are written elsewhere"}},
	{"secret in plain", "LATCHKEY_SEALING_SECRET: !Ref SealingSecret", "LATCHKEY_SEALING_SECRET: hunter2", []string{"LinksFunction has a secret in LATCHKEY_SEALING_SECRET"}},
	{"secret for all", "LATCHKEY_TABLE: !Ref Table", "LATCHKEY_TABLE: '{{resolve:secretsmanager:s}}'", []string{"Globals has a secret in LATCHKEY_TABLE"}},
	// behind
	{"renderings not watched", "!If [Render, !GetAtt RenderQueue.QueueName, !GetAtt JobsQueue.QueueName]", "!GetAtt JobsQueue.QueueName", []string{"RenderQueue has no alarm"}},
	{"dead letters not watched", "Value: !GetAtt FailureQueue.QueueName", "Value: other", []string{"FailureQueue has no alarm"}},
	{"dead letters short-lived", "MessageRetentionPeriod: 1209600", "MessageRetentionPeriod: 60", []string{"FailureQueue does not keep dead letters for 14 days"}},
	{"queue plain", "SqsManagedSseEnabled: true", "SqsManagedSseEnabled: false", []string{"FailureQueue is not encrypted"}},
	{"stream unfiltered", "Filters: # a claim", "Other: # a claim", []string{"EventsFunction Stream takes every change"}},
	{"stream unsplit", "BisectBatchOnFunctionError: true", "BisectBatchOnFunctionError: false", []string{"EventsFunction Stream does not split a failed batch"}},
	{"stream by whole batches", "[ReportBatchItemFailures]", "[]", []string{"EventsFunction Stream does not report partial failures"}},
	{"stream without end", "MaximumRetryAttempts: 10", "MaximumRetryAttempts: -1", []string{"EventsFunction Stream retries without end"}},
	{"stream forgets", "MaximumRetryAttempts: 10\n            DestinationConfig:", "MaximumRetryAttempts: 10\n            Other:", []string{"EventsFunction Stream forgets what failed"}},
	{"stream late unseen", "MetricName: IteratorAge", "MetricName: Other", []string{"EventsFunction Stream may fall behind unseen"}},
	{"events forgotten", "MaximumRetryAttempts: 2\n        DestinationConfig:", "MaximumRetryAttempts: 2\n        Other:", []string{
		"EventsFunction Opened forgets what failed", "EventsFunction Read forgets what failed", "EventsFunction Transcribed forgets what failed", "EventsFunction Uploaded forgets what failed", "EventsFunction Visited forgets what failed"}},
	{"schedule repeated", "{MaximumRetryAttempts: 0}", "{MaximumRetryAttempts: 2}", []string{"SweepFunction Minute forgets what failed"}},
	{"log for ever", "RetentionInDays: !Ref LogRetentionDays", "KmsKeyId: x", []string{"AccessLog keeps its lines for ever"}},
	{"log elsewhere", "LoggingConfig: {LogGroup: !Ref OpenLog}", "LoggingConfig: {LogGroup: other}", []string{"OpenFunction logs to a group that is not of this stack"}},
	{"processor fixed", "Architectures: [!Ref Architecture]", "Architectures: [arm64]", []string{`functions are built for "arm64", not for the parameter`}},
	{"processor by default", "Default: arm64", "Default: x86_64", []string{"the processor is not arm64 by default"}},
	{"processor of its own", "LoggingConfig: {LogGroup: !Ref OpenLog}", "LoggingConfig: {LogGroup: !Ref OpenLog}\n      Architectures: [arm64]", []string{"OpenFunction has a processor of its own"}},
	{"permissions too many", "      Events:\n        Landing:", manyEvents + "        Landing:", []string{"PagesFunction has 29 events, whose permissions come near 20 KB"}},
	// rollout
	{"no alias", "AutoPublishAlias: live", "AutoPublishAlias: prod", []string{"functions have the alias prod, not live"}},
	{"all at once", "Default: Canary10Percent5Minutes", "Default: AllAtOnce", []string{"traffic does not move by Canary10Percent5Minutes"}},
	{"errors of the API ignored", "Alarms: [!Ref ServerErrors]", "Alarms: []", []string{"the API's errors do not stop a rollout"}},
	{"settings unpublished", "      AutoPublishAliasAllProperties: true\n", "", []string{"LinksFunction publishes no version for a new setting"}},
	{"rollout of its own", "DeploymentPreference: {Alarms: [!Ref LinksErrors]}", "DeploymentPreference: {Type: AllAtOnce, Alarms: [!Ref LinksErrors]}", []string{"LinksFunction has a rollout of its own"}},
	{"alarm of another", "Alarms: [!Ref LinksErrors]", "Alarms: [!Ref OpenErrors]", []string{"LinksFunction is not taken back when it fails"}},
	{"alarm that is none", "Alarms: [!Ref OpenErrors, !Ref OpenLatency]", "Alarms: [!Ref OpenErrors, !Ref OpenLog]", []string{"OpenFunction waits for OpenLog, which is no alarm"}},
	{"alarm beside the alias", `Value: !Sub "${AWS::StackName}-links:live"`, `Value: !Sub "${AWS::StackName}-links"`, []string{"LinksFunction is not taken back when it fails"}},
	{"circle through the API", "MetricName: ServerErrors\n      Statistic", "MetricName: ServerErrors\n      Dimensions:\n        - {Name: ApiId, Value: !Ref Api}\n      Statistic", []string{"ServerErrors waits for Api, which waits for it"}},
	{"circle through a function", "MetricName: Duration\n      Dimensions:", "MetricName: Duration\n      Dimensions:\n        - {Name: More, Value: !Sub \"${OpenFunction.Arn}\"}", []string{
		"OpenLatency waits for Api, which waits for it", "OpenLatency waits for OpenFunction, which waits for it"}},
	{"unchecked", "Hooks: {PreTraffic: !Ref CheckFunction}", "Hooks: {PostTraffic: !Ref CheckFunction}", []string{"new versions get traffic unchecked"}},
	{"checked by itself", "DeploymentPreference: {Alarms: [!Ref LinksErrors]}", "DeploymentPreference: {Alarms: [!Ref LinksErrors], Hooks: {PreTraffic: !Ref LinksFunction}}", []string{"LinksFunction has a check of its own"}},
	{"the check is checked", "{Enabled: false}", "{Alarms: [!Ref ServerErrors]}", []string{"CheckFunction waits for itself"}},
	{"the check is hasty", "Timeout: 120", "Timeout: 60", []string{"CheckFunction has less than 88 s"}},
	{"circle through the check", `AWS_ENDPOINT_URL_LAMBDA: ""`, `VERSION: !Sub "${OpenFunction}"`, []string{
		"CheckFunction waits for OpenFunction, which waits for it"}},
	{"the check misses one", "function:${AWS::StackName}-open:*", "function:${AWS::StackName}-other:*", []string{
		"CheckFunction may lambda:InvokeFunction on arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:${AWS::StackName}-other:*",
		"CheckFunction may not invoke ${AWS::StackName}-open:*"}},
	{"the check of any deployment", "application:${ServerlessDeploymentApplication}", "application:*", []string{
		"CheckFunction may codedeploy:GetApplicationRevision on arn:${AWS::Partition}:codedeploy:${AWS::Region}:${AWS::AccountId}:application:*"}},
	{"the check writes files", "${Bucket.Arn}/media/trial-*", "${Bucket.Arn}/media/*", []string{
		"CheckFunction may s3:DeleteObject on ${Bucket.Arn}/media/*", "CheckFunction may s3:DeleteObjectVersion on ${Bucket.Arn}/media/*", "CheckFunction may s3:PutObject on ${Bucket.Arn}/media/*"}},
	{"the check lists files", `{"s3:prefix": "media/trial-*"}`, `{"s3:prefix": "media/*"}`, []string{"CheckFunction may s3:ListBucketVersions on Bucket.Arn"}},
	{"check unnamed", "FunctionName: !Sub CodeDeployHook_${AWS::StackName}-check", "FunctionName: !Sub ${AWS::StackName}-check", []string{"CheckFunction is not named CodeDeployHook_${AWS::StackName}-check"}},
	{"unnamed", "FunctionName: !Sub ${AWS::StackName}-links", "FunctionName: links", []string{"LinksFunction is not named ${AWS::StackName}-links"}},
	{"no throttle", "ThrottlingBurstLimit: !Ref RequestBurst", "Other: 1", []string{"Api has no ThrottlingBurstLimit"}},
	{"domain not mapped", "DomainName: !Ref Domain\n", "DomainName: other\n", []string{"Domain is not mapped to the API under its own condition"}},
	{"domain always", "Type: AWS::ApiGatewayV2::DomainName\n    Condition: MapsDomain", "Type: AWS::ApiGatewayV2::DomainName", []string{"Domain is not mapped to the API under its own condition"}},
	{"no output", "  ApiUrl:\n", "  Url:\n", []string{"no output ApiUrl"}},
	{"trace without right", "      ManagedPolicyArns: !If [Traces, [!Ref TracePolicy], !Ref AWS::NoValue]\n", "", []string{"LinksFunction may not write traces"}},
	{"trace always", "Tracing: !Ref Tracing", "Tracing: Active", []string{"tracing is not set by the parameter"}},
	// watching
	{"throttles unseen", "MetricName: Throttles, Dimensions: [{Name: FunctionName, Value: !Sub \"${AWS::StackName}-open\"", "MetricName: Throttles, Dimensions: [{Name: FunctionName, Value: !Sub \"other\"",
		[]string{"nobody hears when OpenFunction is throttled"}},
	{"table throttles unseen", "MetricName: WriteThrottleEvents", "MetricName: Other", []string{"nobody hears of WriteThrottleEvents of Table"}},
	{"slow unseen", "MetricName: Duration", "MetricName: Other", []string{"nobody hears when a followed link is slow"}},
	{"bounces late", "Threshold: 0.02", "Threshold: 0.05", []string{"nobody hears when Reputation.BounceRate reaches 0.02"}},
	{"complaints late", "Threshold: 0.0005", "Threshold: 0.001", []string{"nobody hears when Reputation.ComplaintRate reaches 0.0005"}},
	{"status renamed", `"status":"$context.status"`, `"code":"$context.status"`, []string{"the API's errors are not found in its log"}},
	{"counted elsewhere", "MetricName: ServerErrors\n          MetricValue", "MetricName: Other\n          MetricValue", []string{
		"ServerErrors looks at ServerErrors, which nothing counts", "the API's errors are counted where no alarm looks"}},
	{"alarm without topic", "AlarmActions: !If [Notifies, [!Ref AlarmTopic], !Ref AWS::NoValue]", "AlarmActions: []", []string{"ServerErrors tells nobody by AlarmActions"}},
	{"alarm without words", "AlarmDescription", "Other", []string{"ServerErrors has no description, or does not say what silence means"}},
	{"dashboard torn", `"widgets": [`, `"widgets": [,`, []string{"the dashboard is not JSON"}},
	{"metric not shown", `["${AWS::StackName}", "Opens"`, `["${AWS::StackName}", "Downloads"`, []string{"the dashboard does not show Opens"}},
	{"metric of nobody", `"MailsBounced"`, `"MailsLost"`, []string{"the dashboard does not show MailsBounced", "the dashboard shows MailsLost, which nothing counts"}},
	{"metric by a dimension", `"Opens", {`, `"Opens", "Stack", "x", {`, []string{"the dashboard shows Opens by a dimension"}},
	{"metric of another stack", `["${AWS::StackName}", "Opens"`, `["latchkey", "Opens"`, []string{"the dashboard does not show Opens"}},
	{"counted elsewhere by functions", "LATCHKEY_STACK: !Ref AWS::StackName", "LATCHKEY_STACK: Latchkey", []string{"functions count in the namespace Latchkey, not in the stack's"}},
	{"alarm on nothing", "MetricName: ServerErrors\n      Statistic", "MetricName: Refused\n      Statistic", []string{
		"ServerErrors looks at Refused, which nothing counts", "the API's errors are counted where no alarm looks"}},
	{"dashboard without an alarm", `"${Bounces.Arn}"`, `"${Complaints.Arn}"`, []string{"the dashboard does not show Bounces"}},
}

// manyEvents begins a function's events with 21 more.
var manyEvents = func() string {
	var b strings.Builder
	b.WriteString("      Events:\n")
	for i := range 21 {
		fmt.Fprintf(&b, "        E%d: {Type: Other}\n", i)
	}
	return b.String()
}()
