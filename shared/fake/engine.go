package fake

import (
	"context"
	"fmt"
	"io"
	"strings"
	"sync"

	"latchkey/shared/recording"
	"latchkey/shared/transcript"
)

// Engine does the work of all engines, as a parrot would. While Err is set it
// is what all of it comes to. It implements each interface of
// recording.Engines.
type Engine struct {
	mu     sync.Mutex
	Err    error
	Judge  func(what any) error // unless nil, says what becomes of it
	Before func()               // unless nil, is done before anything else
	Asked  []any                // what it was asked to do: a recording.Question, BurnIn, []Span, Speech
	Forgot []string             // the ids
}

// Engines are all of them, as one.
func (e *Engine) Engines() recording.Engines {
	return recording.Engines{Transcriber: e, Aligner: e, Translator: e, Summarizer: e, Renderer: e}
}

func (e *Engine) ask(what any) error {
	if e.Before != nil {
		e.Before()
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.Asked = append(e.Asked, what)
	if e.Judge != nil {
		return e.Judge(what)
	}
	return e.Err
}

// Transcribe implements recording.Transcriber.
func (e *Engine) Transcribe(_ context.Context, s recording.Speech) (transcript.Transcript, error) {
	return transcript.Transcript{Segments: []transcript.Segment{transcript.FromText("Speaker 1", 0, 2000, "Spoken in "+s.Language)}}, e.ask(s)
}

// Align implements recording.Aligner.
func (e *Engine) Align(_ context.Context, s recording.Speech, text string) (transcript.Transcript, error) {
	return transcript.Transcript{Segments: []transcript.Segment{transcript.FromText("", 0, 2000, text)}}, e.ask(s)
}

// Translate implements recording.Translator.
func (e *Engine) Translate(_ context.Context, _, to string, texts []string) ([]string, error) {
	out := make([]string, len(texts))
	for i, text := range texts {
		out[i] = to + ":" + text
	}
	return out, e.ask(texts)
}

// Summarize implements recording.Summarizer.
func (e *Engine) Summarize(_ context.Context, q recording.Question) (string, error) {
	return fmt.Sprintf("%s: %d characters", q.Prompt, len(q.Text())), e.ask(q)
}

// BurnIn implements recording.Renderer.
func (e *Engine) BurnIn(_ context.Context, _ string, _ recording.Media, _ transcript.Transcript, b recording.BurnIn) (io.ReadCloser, error) {
	return io.NopCloser(strings.NewReader("\x00\x00\x00\x20ftypisom")), e.ask(b)
}

// Export implements recording.Renderer.
func (e *Engine) Export(_ context.Context, _ string, _ recording.Media, parts []recording.Span, _ string) (io.ReadCloser, error) {
	return io.NopCloser(strings.NewReader("ID3\x04\x00\x00")), e.ask(parts)
}

// Forget implements recording.Renderer.
func (e *Engine) Forget(_ context.Context, id string) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.Forgot = append(e.Forgot, id)
	return nil
}
