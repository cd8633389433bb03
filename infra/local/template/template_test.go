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
Globals:
  Function:
    Timeout: 29
    Environment:
      Variables: {TABLE: !Ref Table, DOMAIN: !Ref Domain, EMPTY: "", DAYS: !Ref Days}
Resources:
  Table: {Type: "AWS::DynamoDB::Table"}
`

const one = head + `
  OneFunction:
    Type: AWS::Serverless::Function
    Properties:
      Role: !GetAtt OneRole.Arn
      Timeout: 10
      MemorySize: 512
      Environment:
        Variables:
          FROM: !Ref From
          TABLE: !Sub "${Table}-${AWS::Region}"
  OneRole:
    Type: AWS::IAM::Role
    Properties:
      Policies:
        - PolicyName: one
          PolicyDocument:
            Statement:
              - Effect: Allow
                Action: [dynamodb:GetItem, dynamodb:PutItem] # why
                Resource: !GetAtt Table.Arn
              - Effect: Allow # why
                Action: s3:GetObject
                Resource: [!Sub "${Bucket.Arn}/a/*", !GetAtt OneLog.Arn]
`

func TestFunctions(t *testing.T) {
	got, err := template.Functions([]byte(one), map[string]string{
		"Table": "t", "Table.Arn": "arn:t", "Bucket.Arn": "arn:b", "From": "a@b.c", "AWS::Region": "here", "Domain": "d",
	})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]template.Function{"OneFunction": {
		Timeout: 10 * time.Second, Memory: 512,
		Variables: map[string]string{"TABLE": "t-here", "DOMAIN": "d", "EMPTY": "", "DAYS": "30", "FROM": "a@b.c"},
		Statements: []template.Statement{
			{Actions: []string{"dynamodb:GetItem", "dynamodb:PutItem"}, Resources: []string{"arn:t"}},
			{Actions: []string{"s3:GetObject"}, Resources: []string{"arn:b/a/*", "<OneLog.Arn>"}},
		},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("functions (-want +got):\n%s", diff)
	}
}

func TestRefuses(t *testing.T) {
	given := "Table: t, From: f, AWS::Region: r"
	tests := []struct{ name, text, given, want string }{
		{"not YAML", "Resources: [", given, "template"},
		{"a variable without a value", one, "Table: t, AWS::Region: r", "OneFunction: FROM: nothing is given for <From>"},
		{"an intrinsic", strings.Replace(one, "!Ref From", "!Select [0, [a]]", 1), given, "FROM"},
		{"a role elsewhere", strings.Replace(one, "!GetAtt OneRole.Arn", "arn:aws:iam::1:role/x", 1), given, "the role is not one of the template's"},
		{"no such role", strings.Replace(one, "!GetAtt OneRole.Arn", "!GetAtt TwoRole.Arn", 1), given, "no role TwoRole"},
		{"a denial", strings.Replace(one, "Effect: Allow", "Effect: Deny", 1), given, `effect "Deny"`},
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
