package budget

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// budgets is what each function may weigh, which AWS services it may link, and
// what its packages may allocate before main, which every cold start pays. A
// megabyte is 1,000,000 bytes, of the arm64 binary as it is deployed.
var budgets = map[string]struct {
	megabytes float64
	init      float64 // megabytes
	services  []string
	templates bool // may link text/template or html/template
}{
	"open":       {9.5, 1.1, []string{"dynamodb"}, false},
	"links":      {11.2, 2.0, []string{"dynamodb", "s3", "secretsmanager", "sesv2"}, false},
	"sessions":   {14.5, 2.0, []string{"dynamodb", "s3", "secretsmanager", "sesv2"}, false},
	"fileshares": {11.8, 2.0, []string{"dynamodb", "s3", "secretsmanager", "sesv2"}, false},
	"media":      {14.5, 2.0, []string{"dynamodb", "s3", "secretsmanager", "sesv2"}, false},
	"control":    {11.5, 1.4, []string{"dynamodb", "s3", "secretsmanager"}, false},
	"events":     {12, 1.3, []string{"dynamodb", "s3", "sqs"}, false},
	"jobs":       {13, 2.0, []string{"bedrockruntime", "dynamodb", "s3", "sqs", "transcribe", "translate"}, false},
	"render":     {12.5, 1.4, []string{"dynamodb", "s3", "sqs"}, false},
	"hooks":      {12, 1.4, []string{"dynamodb", "secretsmanager", "sqs"}, false},
	"feedback":   {11, 1.1, []string{"dynamodb"}, false},
	"sweep":      {12, 2.1, []string{"dynamodb", "secretsmanager", "sesv2", "sqs"}, false},
	"check":      {11, 1.9, []string{"codedeploy", "dynamodb", "lambda", "s3"}, false},
	"pages":      {22, 2.1, []string{"dynamodb", "s3", "sesv2"}, true},
}

// modules is every foreign module that a function may link. A new one is a
// decision: it is deployed, and it is somebody else's code.
var modules = []string{
	"github.com/aws/aws-lambda-go",
	"github.com/aws/aws-sdk-go-v2",
	"github.com/aws/smithy-go",
	"github.com/awslabs/aws-lambda-go-api-proxy",
	"codeberg.org/go-pdf/fpdf",
	"github.com/go-fonts/dejavu",
	"golang.org/x/crypto", // argon2id
	"golang.org/x/image",
	"golang.org/x/sys", // which processor argon2id runs on
	"golang.org/x/text",
}

var service = regexp.MustCompile(`^github\.com/aws/aws-sdk-go-v2/service/([a-z0-9]+)$`)

// dependencies lists what is linked into one function.
func dependencies(t *testing.T, name string) []pkg {
	t.Helper()
	all := mustPackages(t)
	main, ok := all["latchkey/functions/"+name]
	if !ok {
		t.Fatalf("there is no functions/%s", name)
	}
	deps := make([]pkg, len(main.Deps))
	for i, d := range main.Deps {
		deps[i] = all[d]
	}
	return deps
}

// TestEveryFunctionHasABudget: none is left out of the tests here.
func TestEveryFunctionHasABudget(t *testing.T) {
	if diff := cmp.Diff(slices.Sorted(slices.Values(append(readStack(t).functions(), apart(t)...))), slices.Sorted(maps.Keys(budgets))); diff != "" {
		t.Errorf("functions and budgets (-template +budgets):\n%s", diff)
	}
}

func TestFunctionsLinkTheirServicesOnly(t *testing.T) {
	for name, b := range budgets {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, d := range dependencies(t, name) {
				if m := service.FindStringSubmatch(d.ImportPath); m != nil {
					got = append(got, m[1])
				}
			}
			slices.Sort(got)
			if diff := cmp.Diff(b.services, got); diff != "" {
				t.Errorf("AWS services (-want +got):\n%s", diff)
			}
		})
	}
}

func TestFunctionsLinkKnownModulesOnly(t *testing.T) {
	for name := range budgets {
		t.Run(name, func(t *testing.T) {
			for _, d := range dependencies(t, name) {
				if d.Standard || d.local() != "" || knownModule(d) {
					continue
				}
				t.Errorf("links %s", d.ImportPath)
			}
		})
	}
}

// knownModule takes the SDK's parts, which are modules of their own, for one.
func knownModule(d pkg) bool {
	return d.Module != nil && slices.ContainsFunc(modules, func(m string) bool {
		return d.Module.Path == m || strings.HasPrefix(d.Module.Path, "github.com/aws/aws-sdk-go-v2/")
	})
}

// TestTemplatesAreForPages: text/template keeps every method alive, which
// beside the AWS SDK doubles a binary.
func TestTemplatesAreForPages(t *testing.T) {
	for name, b := range budgets {
		t.Run(name, func(t *testing.T) {
			for _, d := range dependencies(t, name) {
				if (d.ImportPath == "text/template" || d.ImportPath == "html/template") && !b.templates {
					t.Errorf("links %s", d.ImportPath)
				}
			}
		})
	}
}
