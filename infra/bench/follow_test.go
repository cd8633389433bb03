package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"latchkey/shared/account"
	"latchkey/shared/blob/presign"
	"latchkey/shared/dialect"
	"latchkey/shared/dialect/mediapocket"
	"latchkey/shared/fake"
	"latchkey/shared/file"
	"latchkey/shared/journal"
	"latchkey/shared/lambdahttp"
	"latchkey/shared/share"
	"latchkey/shared/store"
)

// uses is the limit of the links that are followed: what a sender types.
const uses = 5

// rig is the open function over a table in memory, with one file to link to.
type rig struct {
	stack   *fake.Stack
	file    file.File
	handler lambda.Handler
	event   event
}

// newRig wires the function as its main does, but for the table and the log.
func newRig(t testing.TB) *rig {
	t.Helper()
	s := fake.NewStack(t, nil)
	signer, err := presign.New(presign.Config{
		Bucket: "latchkey-media", Region: "eu-central-1",
		Credentials: credentials.StaticCredentialsProvider{Value: aws.Credentials{
			AccessKeyID: "ASIAEXAMPLE", SecretAccessKey: "secret", SessionToken: "session",
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	logger := journal.New(io.Discard, "latchkey")
	api := mediapocket.API{
		Accounts: &account.Service{Store: store.Accounts{Table: s.Table, Now: time.Now}, Now: time.Now},
		Shares: &share.Service{
			Store: store.Shares{Table: s.Table, Now: time.Now}, Presign: presign.Downloads{Presigner: signer},
			Audit: journal.Auditor{Log: logger}, Now: time.Now,
		},
	}
	return &rig{
		stack: s, file: s.Upload(t, s.Admin, "minutes “final”.pdf", "application/pdf", []byte("%PDF-1.7")), event: readEvent(t),
		handler: lambdahttp.Handler(dialect.Service{Face: mediapocket.Face, Log: logger, Now: time.Now}.Handler(api.OpenRoutes()...)),
	}
}

// links makes n links and returns their tokens.
func (r *rig) links(t testing.TB, n int, limit int64) []string {
	t.Helper()
	tokens := make([]string, n)
	for i := range tokens {
		_, tokens[i] = r.stack.Link(t, r.stack.Admin, share.New{
			FileID: r.file.ID, Limit: limit, ExpiresAt: time.Now().AddDate(1, 0, 0),
		})
	}
	return tokens
}

// follow is one invocation: from the event's JSON to the answer's.
func (r *rig) follow(t testing.TB, token string) []byte {
	out, err := r.handler.Invoke(context.Background(), r.event.of(token))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// mustRedirect fails unless an answer is what a followed link deserves.
func mustRedirect(t testing.TB, out []byte) {
	t.Helper()
	var res events.APIGatewayV2HTTPResponse
	if err := json.Unmarshal(out, &res); err != nil {
		t.Fatal(err)
	}
	if res.StatusCode != 302 || res.Headers["Location"] == "" {
		t.Fatalf("answer = %s", out)
	}
}

// event is a recorded event whose token and request id are changed in place,
// which costs the benchmark nothing.
type event struct {
	payload []byte
	tokens  []int // offsets
	request int   // offset
	n       int
}

const (
	tokenMark   = "TOKENTOKENTOKENTOKENTOKENTOK"
	requestMark = "REQUESTIDREQUEST"
)

func readEvent(t testing.TB) event {
	t.Helper()
	payload, err := os.ReadFile("testdata/follow.json")
	if err != nil {
		t.Fatal(err)
	}
	var compact bytes.Buffer // as API Gateway sends it
	if err := json.Compact(&compact, payload); err != nil {
		t.Fatal(err)
	}
	e := event{payload: compact.Bytes(), request: bytes.Index(compact.Bytes(), []byte(requestMark))}
	for at := 0; ; at += len(tokenMark) {
		i := bytes.Index(e.payload[at:], []byte(tokenMark))
		if i < 0 {
			break
		}
		at += i
		e.tokens = append(e.tokens, at)
	}
	if len(e.tokens) != 3 || e.request < 0 {
		t.Fatalf("the recorded event has %d tokens, and its request id at %d", len(e.tokens), e.request)
	}
	return e
}

// of returns the event of a request that was never made before. It is good
// until the next call.
func (e *event) of(token string) []byte {
	for _, at := range e.tokens {
		copy(e.payload[at:at+len(tokenMark)], token)
	}
	e.n++
	id := e.payload[e.request : e.request+len(requestMark)]
	strconv.AppendInt(id[:0], int64(1e15)+int64(e.n), 10) // 16 digits, as long as the mark
	return e.payload
}

// BenchmarkFollow is the hot path. The target is 60 µs and 180
// allocations for a limited link, the table's own work included.
func BenchmarkFollow(b *testing.B) {
	b.Run("limited", func(b *testing.B) {
		r := newRig(b)
		var tokens []string
		left := 0
		b.ReportAllocs()
		for b.Loop() {
			if left == 0 {
				b.StopTimer()
				tokens = r.links(b, 100, uses)
				left = len(tokens) * uses
				b.StartTimer()
			}
			left--
			r.follow(b, tokens[left/uses])
		}
		mustRedirect(b, r.follow(b, r.links(b, 1, uses)[0]))
	})
	b.Run("unlimited", func(b *testing.B) {
		r := newRig(b)
		token := r.links(b, 1, 0)[0]
		b.ReportAllocs()
		for b.Loop() {
			r.follow(b, token)
		}
		mustRedirect(b, r.follow(b, token))
	})
	b.Run("refused", func(b *testing.B) {
		r := newRig(b)
		token := r.links(b, 1, 1)[0]
		mustRedirect(b, r.follow(b, token))
		b.ReportAllocs()
		for b.Loop() {
			r.follow(b, token)
		}
	})
}

// BenchmarkFloor is what no handler can go below: the event decoded and an
// answer of the same size encoded, with nothing in between.
func BenchmarkFloor(b *testing.B) {
	r := newRig(b)
	var res events.APIGatewayV2HTTPResponse
	if err := json.Unmarshal(r.follow(b, r.links(b, 1, uses)[0]), &res); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		var req events.APIGatewayV2HTTPRequest
		if err := json.Unmarshal(r.event.of(tokenMark), &req); err != nil {
			b.Fatal(err)
		}
		if _, err := json.Marshal(res); err != nil {
			b.Fatal(err)
		}
	}
}
