package budget

import (
	"fmt"
	"slices"
	"strings"
)

// tablesAreSafe: encrypted, restorable, protected, and kept when the stack goes.
func tablesAreSafe(p plan, say func(string, ...any)) {
	for id, r := range p.of("AWS::DynamoDB::Table") {
		if at(r.at("PointInTimeRecoverySpecification"), "PointInTimeRecoveryEnabled") != true {
			say("%s cannot be restored to a point in time", id)
		}
		if at(r.at("SSESpecification"), "SSEEnabled") != true {
			say("%s is not encrypted", id)
		}
		if protection := r.at("DeletionProtectionEnabled"); protection != true && at(p.Parameters, fmt.Sprint(protection), "Default") != "true" {
			say("%s is not protected from deletion", id)
		}
		if r.at("BillingMode") != "PAY_PER_REQUEST" {
			say("%s is not on demand", id)
		}
	}
}

// whatIsDataIsKept: deleting the stack deletes no data.
func whatIsDataIsKept(p plan, say func(string, ...any)) {
	for _, kind := range []string{"AWS::DynamoDB::Table", "AWS::S3::Bucket", "AWS::SecretsManager::Secret"} {
		for id, r := range p.of(kind) {
			if r.Deletion != "Retain" || r.Replace != "Retain" {
				say("%s goes with the stack", id)
			}
		}
	}
}

// bucketsAreClosed: nothing is public, everything encrypted, in transit too.
func bucketsAreClosed(p plan, say func(string, ...any)) {
	for id, r := range p.of("AWS::S3::Bucket") {
		for _, block := range []string{"BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"} {
			if r.at("PublicAccessBlockConfiguration", block) != true {
				say("%s lacks %s", id, block)
			}
		}
		if len(list(r.at("BucketEncryption", "ServerSideEncryptionConfiguration"))) == 0 {
			say("%s is not encrypted", id)
		}
		if r.at("AccessControl") != nil || !strings.Contains(fmt.Sprint(r.at("OwnershipControls")), "BucketOwnerEnforced") {
			say("%s has access control lists", id)
		}
		if !deniesPlainHTTP(p, id) {
			say("%s can be reached without TLS", id)
		}
	}
}

func deniesPlainHTTP(p plan, bucket string) bool {
	for _, r := range p.of("AWS::S3::BucketPolicy") {
		for _, s := range list(r.at("PolicyDocument", "Statement")) {
			if target(r.at("Bucket")) == bucket && at(s, "Effect") == "Deny" && at(s, "Principal") == "*" && at(s, "Action") == "s3:*" &&
				at(s, "Condition", "Bool", "aws:SecureTransport") == "false" && len(list(at(s, "Resource"))) == 2 {
				return true
			}
		}
	}
	return false
}

// policiesOpenNothing: a resource's policy allows nobody unnamed.
func policiesOpenNothing(p plan, say func(string, ...any)) {
	for _, kind := range []string{"AWS::S3::BucketPolicy", "AWS::SQS::QueuePolicy"} {
		for id, r := range p.of(kind) {
			for _, s := range list(r.at("PolicyDocument", "Statement")) {
				if at(s, "Effect") == "Allow" && strings.Contains(fmt.Sprint(at(s, "Principal")), "*") {
					say("%s allows everybody", id)
				}
			}
		}
	}
}

// unnamed are actions that know no resources to name (Service Authorization
// Reference).
var unnamed = []string{
	"xray:PutTraceSegments", "xray:PutTelemetryRecords",
	"transcribe:StartTranscriptionJob", "transcribe:CreateVocabulary", "transcribe:ListVocabularies", "translate:TranslateText",
}

// rolesNameWhatTheyUse: no action and no resource by a bare star, but for what
// is unnamed.
func rolesNameWhatTheyUse(p plan, say func(string, ...any)) {
	for id, r := range p.of("AWS::IAM::Role") {
		for _, policy := range list(r.at("Policies")) {
			statementsNameWhatTheyUse(id, at(policy, "PolicyDocument"), say)
		}
		for _, name := range leaves(r.at("ManagedPolicyArns")) {
			if strings.HasPrefix(name, "arn:") {
				say("%s has rights that are written elsewhere", id)
			}
		}
	}
	for id, r := range p.of("AWS::IAM::ManagedPolicy") {
		statementsNameWhatTheyUse(id, r.at("PolicyDocument"), say)
	}
}

func statementsNameWhatTheyUse(id string, document any, say func(string, ...any)) {
	for _, s := range list(at(document, "Statement")) {
		actions := words(at(s, "Action"))
		if at(s, "NotAction") != nil || at(s, "NotResource") != nil || strings.Contains(strings.Join(actions, " "), "*") {
			say("%s does not name its actions", id)
		}
		named := slices.ContainsFunc(actions, func(a string) bool { return !slices.Contains(unnamed, a) })
		if slices.Contains(words(at(s, "Resource")), "*") && named {
			say("%s does not name the resources of %s", id, strings.Join(actions, ", "))
		}
	}
}

// environmentHoldsNoSecret: what is named like a secret is the ARN of one.
func environmentHoldsNoSecret(p plan, say func(string, ...any)) {
	check := func(id string, variables any) {
		for name, value := range fields(variables) {
			of := p.Resources[fmt.Sprint(value)].Type
			named := slices.ContainsFunc([]string{"SECRET", "PASSWORD", "TOKEN", "_KEY"}, func(w string) bool { return strings.Contains(name, w) })
			endpoint := strings.HasPrefix(name, "AWS_ENDPOINT_URL_") && value == ""
			if named && !endpoint && of != "AWS::SecretsManager::Secret" || strings.Contains(fmt.Sprint(value), "resolve:") {
				say("%s has a secret in %s", id, name)
			}
		}
	}
	check("Globals", at(p.Globals, "Function", "Environment", "Variables"))
	for id, r := range p.of(functionType) {
		check(id, r.at("Environment", "Variables"))
	}
}
