// Package enginetest is what every engine keeps to, whatever it does its work
// with: each runs the suite of its interface beside its own tests.
package enginetest

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"latchkey/shared/fault"
	"latchkey/shared/recording"
)

// endTime is how soon an engine has to end that is told to.
const endTime = 5 * time.Second

// Translation is a Translator with what it can do.
type Translation struct {
	recording.Translator
	recording.Pairs
	From, To string // a pair that it has
	None     string // a language that it cannot translate into
	// Words are texts and a word that the translation of each has, in lower
	// case; none for an engine whose answers are recorded.
	Words map[string]string
}

// hostile are texts that a translation keeps apart: what ends lines and texts,
// what programs, mark-up and formats read as theirs, and other scripts.
var hostile = []string{
	"", "Good morning.", " ", "\n\n", "The house is big\nand the garden is small.", "first line\n\nthird line", "@ [ ] < > ^ $ / \\ { } ~ * # + | \" ' `",
	"[a]^b/c$ \\[d\\] {e} <b>f</b> &amp; [#3] [[t:x:1]]", "\\", "^", "]", "[", "^$", "[#0]", "a\\", ".[]", "100 % of 3.50 $ at 10:30", "\t tab \r\n return \v", "zero\x00byte", "bad \xff\xfe UTF-8",
	"שלום עולם", "مرحبا \u202ehello\u202c", "😀 👩‍👩‍👧 smile", "日本語のテキスト", "e\u0301te\u0301", strings.Repeat("very ", 400) + "long", strings.Repeat("x", 5000), "...", "?!", "\u00a0\u2028\u2029", "The end",
}

// Translator is the contract of recording.Translator and recording.Pairs.
func Translator(t *testing.T, e Translation) {
	t.Run("words", func(t *testing.T) {
		for text, want := range e.Words {
			got := e.translate(t, []string{text})
			if !strings.Contains(strings.ToLower(got[0]), want) {
				t.Errorf("%q became %q, without %q", text, got[0], want)
			}
		}
	})
	t.Run("each by itself", func(t *testing.T) {
		for _, texts := range [][]string{hostile, nil, {""}, {" ", "\n"}, {"hello"}} {
			got := e.translate(t, texts)
			for i, text := range texts {
				if blank(text) != blank(got[i]) {
					t.Errorf("%.60q became %.60q", text, got[i])
				}
				if !utf8.ValidString(got[i]) || strings.Contains(got[i], "  ") {
					t.Errorf("%.60q became %.60q", text, got[i])
				}
			}
		}
	})
	t.Run("no pair", func(t *testing.T) {
		if err := e.Supports(e.From, e.To); err != nil {
			t.Errorf("from %s to %s: %v", e.From, e.To, err)
		}
		_, err := e.Translate(t.Context(), e.From, e.None, []string{"hello"})
		for _, err := range []error{err, e.Supports(e.From, e.None)} {
			f := fault.As(err)
			if !fault.Is(err, fault.Invalid) || f.Field != "language" || !strings.Contains(f.Message, e.To) {
				t.Errorf("from %s to %s: %v", e.From, e.None, err)
			}
		}
	})
	t.Run("cancelled", func(t *testing.T) {
		ended(t, func(ctx context.Context) error {
			_, err := e.Translate(ctx, e.From, e.To, []string{strings.Repeat("The house is big. ", 20_000)})
			return err
		})
	})
}

func (e Translation) translate(t *testing.T, texts []string) []string {
	t.Helper()
	got, err := e.Translate(t.Context(), e.From, e.To, texts)
	if err != nil || len(got) != len(texts) {
		t.Fatalf("%d texts became %d: %v", len(texts), len(got), err)
	}
	return got
}

// blank reports whether nothing is to be seen of a text.
func blank(text string) bool { return len(strings.Fields(strings.ReplaceAll(text, "\x00", " "))) == 0 }

// ended wants what is cancelled, before and while it runs, to end soon and to
// say so.
func ended(t *testing.T, work func(context.Context) error) {
	t.Helper()
	before, cancel := context.WithCancel(t.Context())
	cancel()
	while, stop := context.WithCancel(t.Context())
	defer stop()
	began := time.Now()
	if err := work(before); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled before: %v", err)
	}
	time.AfterFunc(50*time.Millisecond, stop)
	if err := work(while); err != nil && !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled while it ran: %v", err)
	}
	if took := time.Since(began); took > endTime {
		t.Errorf("it took %v to end", took)
	}
}
