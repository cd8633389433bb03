package budget

import (
	"maps"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// domain is the middle: what is decided, and by whom nothing is fetched.
var domain = []string{
	"shared/fault", "shared/ident", "shared/metric", "shared/account", "shared/file", "shared/file/probe", "shared/share",
	"shared/handover", "shared/transcript", "shared/recording", "shared/job", "shared/webhook", "shared/mail/address",
}

// arrow forbids imports. Packages are paths inside the module, or import paths
// of others; a trailing /... means the folder and all below it.
type arrow struct {
	from, free  []string // packages that the rule is about, but for these
	not, except []string // what they must not import, but for these
	why         string
}

var arrows = []arrow{
	{
		from: []string{"shared/..."}, not: []string{"functions/...", "infra/..."},
		why: "arrows point from functions to shared",
	}, {
		from: domain, not: []string{"shared/..."}, except: domain,
		why: "the domain owns the interfaces that others implement",
	}, {
		from: []string{"shared/fault", "shared/ident", "shared/metric", "shared/mail/address"}, not: []string{"shared/..."}, except: []string{"shared/fault"},
		why: "these are words that the domain uses, and know no entity",
	}, {
		from: []string{"shared/table/..."}, not: []string{"shared/..."}, except: []string{"shared/table/..."},
		why: "the table refuses to know what is stored",
	}, {
		from: []string{"shared/...", "infra/contract", "infra/bootstrap"}, free: []string{"shared/store", "shared/table/...", "shared/fake"}, not: []string{"shared/table/..."},
		except: []string{"shared/table/dynamo/feed"}, // the stream's event type, for shared/effect
		why:    "repositories are written once, in shared/store; engines are chosen by main packages",
	}, {
		from: []string{"shared/...", "functions/...", "infra/..."}, not: []string{"shared/fake", "shared/table/tabletest", "shared/engine/enginetest", "shared/fetch/fetchtest"},
		why: "doubles and suites are for tests",
	}, {
		from: []string{"shared/dialect/..."}, not: []string{"shared/store/...", "shared/table/...", "shared/blob/...", "shared/mail/...", "shared/queue/...", "shared/seal/...", "shared/config/...", "shared/engine/..."},
		except: []string{"shared/mail/address"},
		why:    "a dialect maps requests to domain calls and results to bytes",
	}, {
		from: []string{"shared/...", "functions/...", "infra/..."}, free: []string{"shared/lambdahttp"}, not: []string{"github.com/awslabs/aws-lambda-go-api-proxy/..."},
		why: "lambdahttp repairs what the proxy gets wrong",
	}, {
		from: []string{"shared/..."}, free: []string{"shared/page/..."}, not: []string{"text/template", "html/template"},
		why: "a template package beside the AWS SDK doubles a binary; only pages may pay that",
	}, {
		from: []string{"shared/..."},
		free: []string{
			"shared/table/dynamo/...", "shared/blob/...", "shared/mail/...", "shared/queue/...", "shared/seal/...", "shared/config/...",
			"shared/engine/transcribe", "shared/engine/translate", "shared/engine/bedrock",
		},
		not: []string{"github.com/aws/aws-sdk-go-v2/service/..."},
		why: "one package per outside thing",
	}, {
		from: []string{"shared/...", "functions/..."}, free: []string{"functions/check"}, not: []string{"github.com/aws/aws-sdk-go-v2/service/..."},
		except: []string{
			"github.com/aws/aws-sdk-go-v2/service/dynamodb/...", "github.com/aws/aws-sdk-go-v2/service/s3/...", "github.com/aws/aws-sdk-go-v2/service/sesv2/...",
			"github.com/aws/aws-sdk-go-v2/service/secretsmanager/...", "github.com/aws/aws-sdk-go-v2/service/sqs/...",
			"github.com/aws/aws-sdk-go-v2/service/transcribe/...", "github.com/aws/aws-sdk-go-v2/service/translate/...", "github.com/aws/aws-sdk-go-v2/service/bedrockruntime/...",
		},
		why: "every service costs size and time at start: a new one is a decision",
	},
}

// in reports whether one of patterns covers a package.
func in(patterns []string, name string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool {
		folder, below := strings.CutSuffix(p, "/...")
		return name == folder || below && strings.HasPrefix(name, folder+"/")
	})
}

// broken returns the imports of from that a rule forbids.
func (a arrow) broken(from string, imports []string) (bad []string) {
	if !in(a.from, from) || in(a.free, from) {
		return nil
	}
	for _, to := range imports {
		if in(a.not, to) && !in(a.except, to) {
			bad = append(bad, to)
		}
	}
	return bad
}

func TestArrowBroken(t *testing.T) {
	a := arrow{from: []string{"a/...", "b"}, free: []string{"a/x"}, not: []string{"c/...", "d"}, except: []string{"c/ok"}}
	tests := []struct {
		name, from string
		imports    []string
		want       []string
	}{
		{"below and exact", "a/y", []string{"c", "c/z", "d", "fmt"}, []string{"c", "c/z", "d"}},
		{"the folder itself", "a", []string{"d"}, []string{"d"}},
		{"not below an exact name", "a/y", []string{"d/e", "cc"}, nil},
		{"excepted import", "b", []string{"c/ok"}, nil},
		{"freed package", "a/x", []string{"d"}, nil},
		{"another package", "b/y", []string{"d"}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, a.broken(tt.from, tt.imports)); diff != "" {
				t.Errorf("broken (-want +got):\n%s", diff)
			}
		})
	}
}

func TestArrows(t *testing.T) {
	all := mustPackages(t)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		p := all[name]
		if p.local() == "" {
			continue
		}
		imports := make([]string, len(p.Imports))
		for i, to := range p.Imports {
			imports[i] = strings.TrimPrefix(to, "latchkey/")
		}
		for _, a := range arrows {
			for _, to := range a.broken(p.local(), imports) {
				t.Errorf("%s imports %s: %s", p.local(), to, a.why)
			}
		}
	}
}

// TestDomainIsStandardLibrary: nothing foreign in the domain.
func TestDomainIsStandardLibrary(t *testing.T) {
	all := mustPackages(t)
	for _, name := range domain {
		for _, to := range all["latchkey/"+name].Imports {
			if p := all[to]; !p.Standard && p.local() == "" {
				t.Errorf("%s imports %s: the domain is the standard library and itself", name, to)
			}
		}
	}
}

// TestSiblingsAreStrangers: no dialect knows another, and no function either.
func TestSiblingsAreStrangers(t *testing.T) {
	for _, p := range mustPackages(t) {
		for _, folder := range []string{"shared/dialect", "functions"} {
			self, ok := sibling(folder, p.local())
			if !ok {
				continue
			}
			for _, to := range p.Imports {
				if other, ok := sibling(folder, localPath(to)); ok && other != self {
					t.Errorf("%s imports %s", p.local(), to)
				}
			}
		}
	}
}

// sibling returns the name of the folder's child that a package belongs to.
func sibling(folder, name string) (child string, ok bool) {
	rest, ok := strings.CutPrefix(name, folder+"/")
	child, _, _ = strings.Cut(rest, "/")
	return path.Join(folder, child), ok
}
