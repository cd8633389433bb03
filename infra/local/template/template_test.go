package template_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"latchkey/infra/local/template"
)

const head = `
Parameters:
  Domain: {Type: String, Default: ""}
  Days: {Type: Number, Default: 30}
  From: {Type: String}
Conditions:
  Many: !Equals [!Ref Days, "30"]
  Few: !Equals [!Ref Days, "1"]
  Odd: !Not [!Condition Many]
Globals:
  Function:
    Timeout: 29
    Environment:
      Variables: {TABLE: !Ref Table, DOMAIN: !Ref Domain, EMPTY: "", DAYS: !Ref Days, MANY: !If [Many, !Ref Table, ""], FEW: !If [Few, !Ref Nothing, no]}
Resources:
  Table: {Type: "AWS::DynamoDB::Table"}
`

const one = head + `
  OneFunction:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: !Sub ${AWS::StackName}-one
      Role: !GetAtt OneRole.Arn
      LoggingConfig: {LogGroup: !Ref OneLog}
      EventInvokeConfig:
        MaximumRetryAttempts: 0
        DestinationConfig: {OnFailure: {Type: SQS, Destination: !GetAtt Failed.Arn}}
      Timeout: 10
      MemorySize: 512
      Environment:
        Variables:
          FROM: !Ref From
          TABLE: !Sub "${Table}-${AWS::Region}"
  OneLog: {Type: "AWS::Logs::LogGroup", Properties: {LogGroupName: !Sub "/aws/lambda/${AWS::StackName}-one"}}
  Traced:
    Type: AWS::IAM::ManagedPolicy
    Condition: Traces
    Properties:
      PolicyDocument:
        Statement: [{Effect: Allow, Action: "xray:Put", Resource: "*"}]
  OneRole:
    Type: AWS::IAM::Role
    Properties:
      ManagedPolicyArns: !If [Traces, [!Ref Traced], !Ref AWS::NoValue]
      Policies:
        - PolicyName: one
          PolicyDocument:
            Statement:
              - Effect: Allow
                Action: [dynamodb:GetItem, dynamodb:PutItem] # why
                Resource: !GetAtt Table.Arn
              - Effect: Allow # why
                Action: s3:GetObject
                Resource: [!Sub "${Bucket.Arn}/a/*", !GetAtt OneLog.Arn, !If [Few, !GetAtt Table.Arn, !Ref AWS::NoValue]]
              - Effect: Allow
                Action: s3:ListBucket
                Resource: !GetAtt Bucket.Arn
                Condition: {StringLike: {"s3:prefix": "a/*"}} # why
`

func TestFunctions(t *testing.T) {
	got, err := template.Functions([]byte(one), map[string]string{
		"Table": "t", "Table.Arn": "arn:t", "Bucket.Arn": "arn:b", "From": "a@b.c", "AWS::Region": "here", "Domain": "d", "AWS::StackName": "s",
	})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]template.Function{"OneFunction": {
		Name: "s-one", Timeout: 10 * time.Second, Memory: 512, LogGroup: "/aws/lambda/s-one", LogARN: "<OneLog.Arn>", OnFailure: "<Failed.Arn>",
		Variables: map[string]string{"TABLE": "t-here", "DOMAIN": "d", "EMPTY": "", "DAYS": "30", "MANY": "t", "FEW": "no", "FROM": "a@b.c"},
		Statements: []template.Statement{
			{Actions: []string{"dynamodb:GetItem", "dynamodb:PutItem"}, Resources: []string{"arn:t"}},
			{Actions: []string{"s3:GetObject"}, Resources: []string{"arn:b/a/*", "<OneLog.Arn>"}},
			{Actions: []string{"s3:ListBucket"}, Resources: []string{"arn:b"}, If: "s3:prefix=a/*"},
			{Actions: []string{"xray:Put"}, Resources: []string{"*"}}, // traced or not
		},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("functions (-want +got):\n%s", diff)
	}
}

func TestRefuses(t *testing.T) {
	const given = "Table: t, From: f, AWS::Region: r, AWS::StackName: s"
	tests := []struct{ name, text, given, want string }{
		{"not YAML", "Resources: [", given, "template"},
		{"a variable without a value", one, "Table: t, AWS::Region: r, AWS::StackName: s", "OneFunction: FROM: nothing is given for <From>"},
		{"an intrinsic", strings.Replace(one, "!Ref From", "!Select [0, [a]]", 1), given, "FROM"},
		{"a condition of others", strings.Replace(one, "!If [Many,", "!If [Odd,", 1), given, "the condition Odd is not understood"},
		{"a choice of none", strings.Replace(one, "!If [Many, !Ref Table, \"\"]", "!If [Many, !Ref Table]", 1), given, "an !If that is not understood"},
		{"a role elsewhere", strings.Replace(one, "!GetAtt OneRole.Arn", "arn:aws:iam::1:role/x", 1), given, "the role is not one of the template's"},
		{"no such role", strings.Replace(one, "!GetAtt OneRole.Arn", "!GetAtt TwoRole.Arn", 1), given, "no AWS::IAM::Role TwoRole"},
		{"a denial", strings.Replace(one, "Effect: Allow", "Effect: Deny", 1), given, `effect "Deny"`},
		{"rights of AWS's own", strings.Replace(one, "[!Ref Traced]", "[arn:aws:iam::aws:policy/ReadOnlyAccess]", 1), given, "OneRole has rights that are written elsewhere"},
		{"no such policy", strings.Replace(one, "[!Ref Traced]", "[!Ref Other]", 1), given, "no AWS::IAM::ManagedPolicy Other"},
		{"policies for SAM", strings.Replace(one, "Timeout: 10", "Policies: [AmazonS3FullAccess]", 1), given, "OneFunction: there are Policies"},
		{"a policy beside the role", one + "  More: {Type: AWS::IAM::Policy, Properties: {Roles: [!Ref OneRole]}}\n", given, "More: a role's rights belong into the role"},
		{"a policy that names roles", strings.Replace(one, "      PolicyDocument:\n        Statement: [{", "      Roles: [!Ref OneRole]\n      PolicyDocument:\n        Statement: [{", 1), given, "Traced: a role names"},
		{"another condition", strings.Replace(one, "StringLike", "IpAddress", 1), given, "a condition that is not understood"},
		{"a condition's key without quotes", strings.Replace(one, `"s3:prefix": "a/*"`, "s3:prefix: !Ref From", 1), given, "a condition that is not understood"},
		{"two conditions", strings.Replace(one, `"a/*"}} # why`, `"a/*", "s3:b": c}}`, 1), given, "a condition that is not understood"},
		{"no name", strings.Replace(one, "FunctionName: !Sub ${AWS::StackName}-one", "", 1), given, "FunctionName is missing"},
		{"a log elsewhere", strings.Replace(one, "!Ref OneLog", "/aws/lambda/one", 1), given, "the log group is not one of the template's"},
		{"a name of Lambda's", strings.Replace(one, "FROM:", "AWS_REGION:", 1), given, "AWS_REGION: Lambda keeps this name to itself"},
		{"too much to say", one, given + ", Domain: " + strings.Repeat("x", 4014), "OneFunction: the variables have 4097 bytes as JSON, Lambda takes 4096"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			values := map[string]string{}
			for pair := range strings.SplitSeq(tt.given, ", ") {
				k, v, _ := strings.Cut(pair, ": ")
				values[k] = v
			}
			_, err := template.Functions([]byte(tt.text), values)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %q in it", err, tt.want)
			}
		})
	}
}
