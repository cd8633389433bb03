package translate

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/translate"
	"github.com/google/go-cmp/cmp"

	"latchkey/shared/engine/enginetest"
	"latchkey/shared/fault"
)

// amazon answers as Amazon Translate does (API Reference, TranslateText), in
// capital letters.
type amazon struct {
	mu      sync.Mutex
	asked   []input
	merges  bool // lines
	refuses string
	status  int
}

type input struct{ SourceLanguageCode, TargetLanguageCode, Text string }

func (a *amazon) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if r.Header.Get("X-Amz-Target") != "AWSShineFrontendService_20170701.TranslateText" {
		panic(r.Header.Get("X-Amz-Target"))
	}
	var in input
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		return // whoever asked is gone
	}
	a.asked = append(a.asked, in)
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	refuse := func(status int, code string) {
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(map[string]any{"__type": code, "Message": "the-bucket"})
	}
	switch {
	case a.refuses != "":
		refuse(a.status, a.refuses)
		return
	case len(in.Text) > 10_000:
		refuse(400, "TextSizeLimitExceededException")
		return
	case in.Text == "" || !utf8.ValidString(in.Text):
		refuse(400, "InvalidRequestException")
		return
	}
	out := strings.ToUpper(in.Text)
	if a.merges {
		out = strings.ReplaceAll(out, "\n", " ")
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"TranslatedText": out, "SourceLanguageCode": in.SourceLanguageCode, "TargetLanguageCode": in.TargetLanguageCode})
}

// whole sends requests whose body the SDK cannot close while it is sent: a
// server that answers at once has it do so, and break the connection
// (smithy-go 1.28.9, safeReadCloser.WriteTo).
type whole struct{}

func (whole) Do(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	return http.DefaultClient.Do(r)
}

func newEngine(t *testing.T, a *amazon) *Engine {
	t.Helper()
	server := httptest.NewServer(a)
	t.Cleanup(server.Close)
	e := New(translate.NewFromConfig(aws.Config{
		Region: "eu-central-1", BaseEndpoint: &server.URL, Credentials: credentials.NewStaticCredentialsProvider("id", "secret", ""), HTTPClient: whole{},
	}))
	e.options = func(o *translate.Options) { o.RetryMaxAttempts = 1 }
	return e
}

func TestTranslator(t *testing.T) {
	for name, a := range map[string]*amazon{"lines stay": {}, "lines are merged": {merges: true}} {
		t.Run(name, func(t *testing.T) {
			e := newEngine(t, a)
			enginetest.Translator(t, enginetest.Translation{
				Translator: e, Pairs: e, From: "en-GB", To: "es", None: "tlh", Words: map[string]string{"Good morning,  all": "good morning, all"},
			})
		})
	}
}

func TestCalls(t *testing.T) {
	long := strings.Repeat("Long sentence, 海. ", 1300)
	for _, tt := range []struct {
		name   string
		merges bool
		texts  []string
		calls  int
	}{
		{"one for several", false, []string{"One.", "", "two", "three"}, 1},
		{"each by itself", true, []string{"One.", "two", "three"}, 4},
		{"of nothing none", false, []string{"", " \n"}, 0},
		{"10,000 bytes", false, []string{strings.Repeat("a", 4999), strings.Repeat("b", 4999)}, 1},
		{"one more", false, []string{strings.Repeat("a", 4999), strings.Repeat("b", 5001)}, 2},
		{"many", false, strings.Split(strings.Repeat("About a hundred bytes that are said in some six seconds or so, by somebody who speaks not so quick.|", 900), "|")[:900], 9},
		{"too long for one", false, []string{"short", long, "short"}, 5},
		{"without spaces", false, []string{strings.Repeat("海", 4000)}, 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := &amazon{merges: tt.merges}
			got, err := newEngine(t, a).Translate(t.Context(), "en-US", "pt-BR", tt.texts)
			if err != nil || len(a.asked) != tt.calls {
				t.Fatalf("%d calls, %v", len(a.asked), err)
			}
			for i, text := range tt.texts {
				want := strings.ToUpper(strings.Join(strings.Fields(text), " "))
				if tt.name == "without spaces" {
					got[i] = strings.ReplaceAll(got[i], " ", "")
				}
				if diff := cmp.Diff(want, got[i]); diff != "" {
					t.Fatalf("text %d (-want +got):\n%s", i, diff)
				}
			}
			if tt.calls > 0 && (a.asked[0].SourceLanguageCode != "en" || a.asked[0].TargetLanguageCode != "pt") {
				t.Errorf("%+v", a.asked[0])
			}
		})
	}
}

// TestLines: a text of several lines is translated as one, and has as many.
func TestLines(t *testing.T) {
	a := new(amazon)
	got, err := newEngine(t, a).Translate(t.Context(), "en", "es", []string{"the house is big\r\nand red", "yes"})
	if diff := cmp.Diff([]string{"THE HOUSE IS\nBIG AND RED", "YES"}, got); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	if a.asked[0].Text != "the house is big and red\nyes" {
		t.Errorf("%q", a.asked[0].Text)
	}
}

func TestErrors(t *testing.T) {
	for _, tt := range []struct {
		status  int
		refuses string
		ever    bool
	}{
		{400, "UnsupportedLanguagePairException", true}, {400, "InvalidRequestException", true}, {400, "TextSizeLimitExceededException", true},
		{400, "TooManyRequestsException", false}, {400, "ThrottlingException", false}, {400, "LimitExceededException", false},
		{500, "InternalServerException", false}, {500, "ServiceUnavailableException", false}, {400, "AccessDeniedException", false},
	} {
		_, err := newEngine(t, &amazon{status: tt.status, refuses: tt.refuses}).Translate(t.Context(), "en", "es", []string{"a", "b"})
		if err == nil || fault.Is(err, fault.Invalid) != tt.ever || tt.ever && strings.Contains(fault.As(err).Message, "the-bucket") {
			t.Errorf("%s: %v", tt.refuses, err)
		}
		if pair := tt.refuses == "UnsupportedLanguagePairException"; pair != (fault.As(err).Field == "language") {
			t.Errorf("%s: %v", tt.refuses, err)
		}
	}
}
