package apertium

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"latchkey/shared/fault"
)

const list = `  ca-es
  cat-eng_US
  eco-es-fr
  en-eo-bytecode
  en-eo
  eng-cat
  eng-cat_iec2017
  eng-cat_valencia
  eng-spa
  es-pt
  es-pt_BR
  spa-eng
  xx-
`

func TestPairs(t *testing.T) {
	p := parse(list)
	for _, tt := range []struct{ from, to, want string }{
		{"en", "es", "eng-spa"}, {"en-GB", "es-MX", "eng-spa"}, {"EN", "ES", "eng-spa"}, {"en", "eo", "en-eo"},
		{"en", "pt", "eng-spa es-pt"}, {"en", "pt-br", "eng-spa es-pt_BR"}, {"en", "pt-PT", "eng-spa es-pt"},
		{"en", "ca-valencia", "eng-cat_valencia"}, {"ca", "en-US", "cat-eng_US"}, {"ca", "en", "ca-es spa-eng"},
		{"en", "en-US", ""}, {"en", "de", ""}, {"eo", "en", ""}, {"ca", "eo", ""}, {"no language", "es", ""}, {"", "", ""},
	} {
		if got := strings.Join(p.route(tt.from, tt.to), " "); got != tt.want {
			t.Errorf("from %s to %s: %q, want %q", tt.from, tt.to, got, tt.want)
		}
	}
	if diff := cmp.Diff([]string{"ca", "ca-valencia", "eo", "es", "pt", "pt-BR"}, p.into("en-GB")); diff != "" {
		t.Errorf("from English (-want +got):\n%s", diff)
	}
	e := Engine{pairs: p}
	for to, want := range map[string]string{
		"de": "de is not possible from es. Possible are: ca, ca-valencia, en, eo, pt, pt-BR",
		"pt": "",
	} {
		err := e.Supports("es", to)
		if f := fault.As(err); (err != nil) != (want != "") || err != nil && (f.Message != want || f.Field != "language" || f.Kind != fault.Invalid) {
			t.Errorf("from Spanish to %s: %v", to, err)
		}
	}
	if err := e.Supports("ja", "en"); err == nil || fault.As(err).Message != "en is not possible: there is no translation from ja" {
		t.Errorf("from Japanese: %v", err)
	}
}

func TestMissing(t *testing.T) {
	_, err := Engine{}.Translate(t.Context(), "en", "es", []string{"hello"})
	for _, err := range []error{err, Engine{}.Supports("en", "es")} {
		if !fault.Is(err, fault.Invalid) || fault.As(err).Message != "no translation engine is set up: install apertium and a language pair" {
			t.Errorf("without Apertium: %v", err)
		}
	}
}

// standIn is an Apertium that is a shell script.
func standIn(t *testing.T, script string) Engine {
	t.Helper()
	path := filepath.Join(t.TempDir(), "apertium")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+script), 0o700); err != nil {
		t.Fatal(err)
	}
	return Engine{program: path, pairs: parse(list)}
}

// TestTranslate: what is around the words stays as it is.
func TestTranslate(t *testing.T) {
	texts := []string{"Hello ^there$", "", "12", "two\nlines", "- One.\n- Two.", "[#1] a\\", "first\n\nthird", "~\t x"}
	want := []string{"HELLO ^THERE$", "", "12", "tWO\nLINES", "- ONE.\n- TWO.", "[#1] A\\", "fIRST\n\ntHIRD", "~ X"}
	for name, script := range map[string]string{
		"in one call":           `tr a-z A-Z`,
		"where lines get lost":  `sed 's/\[#1\]//' | tr a-z A-Z`,
		"where lines are mixed": `sed 's/\[#0\]\(.*\)\[#1\]/[#1]\1[#0]/' | tr a-z A-Z`,
	} {
		got, err := standIn(t, script).Translate(t.Context(), "en", "es", texts)
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%s: %v (-want +got):\n%s", name, err, diff)
		}
	}
	_, err := standIn(t, `echo "no such file" >&2; exit 3`).Translate(t.Context(), "en", "es", texts)
	if err == nil || fault.As(err).Kind != fault.Internal || !strings.Contains(err.Error(), "eng-spa: apertium: exit status 3: no such file") {
		t.Errorf("it failed: %v", err)
	}
}

// TestEncode: lines are sentences of their own, and what is special is not.
func TestEncode(t *testing.T) {
	if got, want := encode([]string{"a [b] ~c", "d?", `\$`}), `a \[b\] [~]c.[#0]d?[#1]\\\$.[#2]`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestLayout(t *testing.T) {
	for _, tt := range []struct{ text, out, want string }{
		{"one two\nthree four", "uno dos tres cuatro", "uno dos\ntres cuatro"},
		{"one\ntwo\nthree", "uno dos tres", "uno\ndos\ntres"},
		{"a\nb", "one", "one"},
		{"a b c d\ne", "un dos tres cuatro", "un dos tres\ncuatro"},
		{"a\nb\nc", "x y", "x\ny"},
	} {
		p := pieces(tt.text)
		if len(p) != 1 {
			t.Errorf("%q is %v", tt.text, p)
			continue
		}
		if got := p[0].broken(tt.out); got != tt.want {
			t.Errorf("%q as %q: %q, want %q", tt.out, tt.text, got, tt.want)
		}
	}
}

func TestBegun(t *testing.T) {
	for _, tt := range []struct{ text, out, to, want string }{
		{"and then", "Y entonces", "es", "y entonces"},
		{"And then", "Y entonces", "es", "Y entonces"},
		{"creo que", "I think that", "en-GB", "I think that"},
		{"si voy", "If I go", "en", "if I go"},
		{"x", "", "es", ""},
		{"étais", "Été", "fr", "été"},
	} {
		if got := begun(tt.text, tt.out, tt.to); got != tt.want {
			t.Errorf("%q as %q: %q, want %q", tt.text, tt.out, got, tt.want)
		}
	}
}

func TestMarked(t *testing.T) {
	for _, tt := range []struct{ out, to, want string }{
		{"Qué pasa? Son 4.5 millones! Bien. Y tú?", "es-MX", "¿Qué pasa? ¡Son 4.5 millones! Bien. ¿Y tú?"},
		{"¿Qué pasa? \"Hola!\" - Ya... ?", "es", "¿Qué pasa? \"¡Hola!\" - Ya... ?"},
		{"no acaba", "es", "no acaba"},
		{"¿Come stai? ¡Ciao!", "it", "Come stai? Ciao!"},
		{"Como estás?", "gl", "Como estás?"},
	} {
		if got := marked(tt.out, tt.to); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.to, got, tt.want)
		}
	}
}

// FuzzStream: whatever lines there are, they come back.
func FuzzStream(f *testing.F) {
	f.Add("a [b] ^c$", "~[#0]\\")
	f.Add("…", "é.")
	f.Fuzz(func(t *testing.T, a, b string) {
		var lines []string
		for _, line := range []string{plain(a), plain(b)} {
			if worded(line) {
				lines = append(lines, line)
			}
		}
		got, ok := decode(encode(lines), lines)
		if diff := cmp.Diff(append([]string{}, lines...), got); !ok || diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		_, _ = decode(a, lines)
	})
}
