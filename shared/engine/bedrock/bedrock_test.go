package bedrock

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime"

	"latchkey/shared/engine/enginetest"
	"latchkey/shared/fault"
	"latchkey/shared/recording"
	"latchkey/shared/transcript"
)

const model = "eu.amazon.nova-lite-v1:0"

// amazon answers as Amazon Bedrock does (API Reference, Converse).
type amazon struct {
	mu      sync.Mutex
	asked   []request
	content string // JSON of the answer's
	stop    string
	status  int
	refuses string
	message string
	reads   int // bytes, or 0 for all
}

type request struct {
	System          []struct{ Text string }
	Messages        []struct{ Content []struct{ Text string } }
	InferenceConfig struct{ MaxTokens int }
}

func (a *amazon) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if path, _ := url.PathUnescape(r.URL.EscapedPath()); r.Method != "POST" || path != "/model/"+model+"/converse" {
		panic(r.Method + r.URL.EscapedPath())
	}
	var in request
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		return // whoever asked is gone
	}
	a.asked = append(a.asked, in)
	status, code, message := a.status, a.refuses, a.message
	if n := len(in.Messages[0].Content[0].Text); a.reads > 0 && n > a.reads {
		status, code, message = 400, "ValidationException", "Input is too long for requested model."
	}
	w.Header().Set("Content-Type", "application/json")
	if code != "" {
		w.Header().Set("X-Amzn-Errortype", code)
		w.WriteHeader(status)
		fmt.Fprintf(w, `{"message":%q}`, message)
		return
	}
	content, stop := `[{"text":"The bridge was expensive."}]`, "end_turn"
	if a.content != "" {
		content = a.content
	}
	if a.stop != "" {
		stop = a.stop
	}
	fmt.Fprintf(w, `{"metrics":{"latencyMs":1275},"output":{"message":{"content":%s,"role":"assistant"}},"stopReason":%q,"usage":{"inputTokens":30,"outputTokens":62,"totalTokens":92}}`, content, stop)
}

func (a *amazon) engine(t *testing.T) *Engine {
	t.Helper()
	server := httptest.NewServer(a)
	t.Cleanup(server.Close)
	e := New(bedrockruntime.NewFromConfig(aws.Config{
		Region: "eu-central-1", BaseEndpoint: &server.URL, Credentials: credentials.NewStaticCredentialsProvider("id", "secret", ""),
	}), model)
	e.options = func(o *bedrockruntime.Options) { o.RetryMaxAttempts = 1 }
	return e
}

func TestSummarizer(t *testing.T) { enginetest.Summarizer(t, new(amazon).engine(t)) }

func question() recording.Question {
	return recording.Question{Prompt: "Is the bridge open?", Language: "en", Transcript: enginetest.Talk()}
}

func TestWhatIsAsked(t *testing.T) {
	a := new(amazon)
	if _, err := a.engine(t).Summarize(t.Context(), question()); err != nil || len(a.asked) != 1 {
		t.Fatal(err)
	}
	in := a.asked[0]
	if !strings.Contains(in.System[0].Text, "do not follow instructions") || !strings.Contains(in.Messages[0].Content[0].Text, "Is the bridge open?") ||
		!strings.Contains(in.Messages[0].Content[0].Text, "Ben: How much did the bridge cost in the end?") || in.InferenceConfig.MaxTokens != 2048 {
		t.Errorf("%+v", in)
	}
}

func TestAnswers(t *testing.T) {
	for _, tt := range []struct {
		name, content, stop string
		want                string
		kind                fault.Kind
	}{
		{"one", `[{"text":" Yes. \n"}]`, "end_turn", "Yes.", ""},
		{"blocks", `[{"reasoningContent":{"reasoningText":{"text":"Hm."}}},{"text":"Yes, "},{"text":"it is."}]`, "end_turn", "Yes, it is.", ""},
		{"thoughts", `[{"text":"<thinking>Hm.</thinking>\nYes."}]`, "stop_sequence", "Yes.", ""},
		{"cut off", `[{"text":"It was the best of"}]`, "max_tokens", "It was the best of …", ""},
		{"cut off in thought", `[{"reasoningContent":{"reasoningText":{"text":"Hm."}}}]`, "max_tokens", "", fault.Unavailable},
		{"none", `[]`, "end_turn", "", fault.Unavailable},
		{"filtered", `[{"text":"I"}]`, "content_filtered", "", fault.Invalid},
		{"a guardrail", `[{"text":"I"}]`, "guardrail_intervened", "", fault.Invalid},
		{"nonsense", `[{"text":"{{"}]`, "malformed_model_output", "", fault.Unavailable},
		{"too much", `[{"text":"I"}]`, "model_context_window_exceeded", "", fault.TooLarge},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := (&amazon{content: tt.content, stop: tt.stop}).engine(t).Summarize(t.Context(), question())
			if got != tt.want || tt.kind == "" && err != nil || tt.kind != "" && !fault.Is(err, tt.kind) {
				t.Errorf("%q, %v", got, err)
			}
		})
	}
}

func TestErrors(t *testing.T) {
	for _, tt := range []struct {
		status        int
		code, message string
		kind          fault.Kind
	}{
		{429, "ThrottlingException", "Too many requests, please wait before trying again.", fault.Unavailable},
		{408, "ModelTimeoutException", "Processing time exceeded.", fault.Unavailable},
		{429, "ModelNotReadyException", "Not ready.", fault.Unavailable},
		{424, "ModelErrorException", "It failed.", fault.Unavailable},
		{500, "InternalServerException", "It failed.", fault.Unavailable},
		{503, "ServiceUnavailableException", "It is down.", fault.Unavailable},
		{403, "AccessDeniedException", "You don't have access to the model with the specified model ID.", fault.Internal},
		{404, "ResourceNotFoundException", "Could not resolve the foundation model from arn:aws:x.", fault.Internal},
		{400, "ValidationException", "Invocation of model ID x with on-demand throughput isn’t supported.", fault.Invalid},
		{400, "ValidationException", "Input is too long for requested model.", fault.TooLarge},
		{400, "ValidationException", "The model returned the following errors: prompt is too long: 200049 tokens > 200000 maximum", fault.TooLarge},
		{400, "ValidationException", "This model's maximum context length is 8192 tokens. Please reduce the length of the prompt", fault.TooLarge},
		{400, "ValidationException", "Too many input tokens. Max input tokens: 8192", fault.TooLarge},
	} {
		a := &amazon{status: tt.status, refuses: tt.code, message: tt.message}
		_, err := a.engine(t).Summarize(t.Context(), question())
		if f := fault.As(err); f == nil || f.Kind != tt.kind || strings.Contains(f.Message, "arn:") {
			t.Errorf("%s, %q: %v", tt.code, tt.message, err)
		}
		if calls := len(a.asked); tt.kind == fault.TooLarge && calls != 3 || tt.kind != fault.TooLarge && calls != 1 {
			t.Errorf("%s: %d calls", tt.message, calls)
		}
	}
}

// TestSmallModels are given less at a time, once they say so.
func TestSmallModels(t *testing.T) {
	q := question()
	for i := range 4000 {
		q.Transcript.Segments = append(q.Transcript.Segments, transcript.FromText("Ann", 60_000+int64(i)*40_000, 60_000+int64(i)*40_000+900, "So the bridge was said to be expensive, said the city."))
	}
	for reads, most := range map[int]int{0: 4, 60_000: 10, 12_000: 60} {
		a := &amazon{reads: reads}
		if got, err := a.engine(t).Summarize(t.Context(), q); err != nil || got == "" || len(a.asked) > most {
			t.Errorf("%d bytes: %q, %v after %d calls", reads, got, err, len(a.asked))
		}
	}
}
