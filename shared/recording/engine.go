package recording

import (
	"context"
	"io"
	"strconv"
	"strings"

	"latchkey/shared/fault"
	"latchkey/shared/job"
	"latchkey/shared/transcript"
)

// Engines do the work itself. One that is nil is not set up: what needs it
// fails, and says so. A fault of theirs that is Invalid or TooLarge is for
// ever and its message for the caller; every other error may pass.
type Engines struct {
	Transcriber Transcriber
	Aligner     Aligner
	Translator  Translator
	Summarizer  Summarizer
	Renderer    Renderer
	Inspector   Inspector
}

// Speech is a recording's media, and what is known of what is said in it.
type Speech struct {
	ID string // of the run: who is asked again for the same goes on
	Media
	Language    string   // BCP 47
	Keywords    []string // words that are likely
	Diarization bool     // tell speakers apart
	Punctuation bool
	PerChannel  bool     // each channel is a speaker
	Speakers    []string // of the channels, in their order; may be fewer
}

// Speaker is what the speaker of a channel is called, counted from 0.
func (s Speech) Speaker(channel int) string {
	if channel < len(s.Speakers) && s.Speakers[channel] != "" {
		return s.Speakers[channel]
	}
	return "Speaker " + strconv.Itoa(channel+1)
}

// Media is a recording's media in the bucket.
type Media struct {
	Object string // key
	Type   string // "audio/mpeg"
	Video  bool
}

// Transcriber writes down what is said: of silence, an empty transcript. One
// whose work goes on elsewhere returns a job.Later until it is done, and is a
// Forgetter.
type Transcriber interface {
	Transcribe(ctx context.Context, s Speech) (transcript.Transcript, error)
}

// Forgetter is a Transcriber, which may be the Aligner too, that keeps what it
// began, and what came of it.
type Forgetter interface {
	// Forget removes what is kept under the ID of a Speech that nobody will ask
	// for again.
	Forget(ctx context.Context, id string) error
}

// Aligner finds when a given text is said.
type Aligner interface {
	Align(ctx context.Context, s Speech, text string) (transcript.Transcript, error)
}

// Translator translates texts, each by itself: as many come back, in the same
// order.
type Translator interface {
	Translate(ctx context.Context, from, to string, texts []string) ([]string, error)
}

// Pairs says what a Translator can do, without doing it.
type Pairs interface {
	// Supports returns nil if it can translate from one language into another,
	// or else a fault that is Invalid: ErrPair, or that there is no engine.
	Supports(from, to string) error
}

// ErrPair is a fault of the field "language": a translator cannot translate
// from one language into another, but into others.
func ErrPair(from, to string, into []string) error {
	if len(into) == 0 {
		return fault.Field(fault.Invalid, "language", "%s is not possible: there is no translation from %s", to, from)
	}
	return fault.Field(fault.Invalid, "language", "%s is not possible from %s. Possible are: %s", to, from, strings.Join(into, ", "))
}

// Question is what a summary answers.
type Question struct {
	Prompt     string
	Hints      Hints
	Language   string // of the transcript
	Transcript transcript.Transcript
}

// Text is what was said, a line for each turn, but at most half a minute:
// "[01:02:03] Ann: Good morning."
func (q Question) Text() string {
	var b strings.Builder
	speaker, since, begun := "", int64(0), false
	for _, seg := range q.Transcript.Segments {
		text := strings.Join(strings.Fields(seg.Text()), " ")
		switch {
		case text == "":
			continue
		case begun && seg.Speaker == speaker && seg.Start-since < maxTurn:
			b.WriteString(" " + text)
			continue
		case begun:
			b.WriteByte('\n')
		}
		speaker, since, begun = seg.Speaker, seg.Start, true
		b.WriteString("[" + transcript.Stamp(seg.Start) + "] ")
		if speaker != "" {
			b.WriteString(speaker + ": ")
		}
		b.WriteString(text)
	}
	return b.String()
}

// maxTurn is in milliseconds.
const maxTurn = 30_000

// Summarizer summarises, or answers questions about, what was said. A text of
// several lines comes back, without mark-up.
type Summarizer interface {
	Summarize(ctx context.Context, q Question) (string, error)
}

// Renderer makes media of media. Its readers are closed by whoever asked. What
// takes long it does bit by bit: it returns a job.Later when ctx is about to
// end, and goes on when it is asked for the same id again.
type Renderer interface {
	// BurnIn returns an MP4 with the transcript's segments as subtitles.
	BurnIn(ctx context.Context, id string, m Media, t transcript.Transcript, b BurnIn) (io.ReadCloser, error)
	// Export returns the parts of media one after another, which are in order
	// and apart. The last may end after the media does.
	Export(ctx context.Context, id string, m Media, parts []Span, format string) (io.ReadCloser, error)
	// Forget removes what is kept under an id that nobody will ask for again.
	Forget(ctx context.Context, id string) error
}

// Inspector looks into media.
type Inspector interface {
	Inspect(ctx context.Context, m Media) (Facts, error)
}

// Facts are what media is.
type Facts struct {
	Duration  int64  // ms
	Video     bool   // a picture that belongs to sound is none
	Channels  int    // of the sound, 0 without one
	Peaks     []byte // how loud each of Peaks equal parts is at most, from 0 to 255; nil without sound
	Thumbnail []byte // a JPEG, at most ThumbnailSize wide and high; nil without video
}

// What media is shown by until it is played.
const (
	Peaks         = 1000
	ThumbnailSize = 640 // pixels
)

// Workers are those that do the jobs of recordings, but for fetching media.
func (s *Service) Workers(e Engines) map[job.Kind]job.Worker {
	out := map[job.Kind]job.Worker{job.Delete: Remover{s}, job.Batch: Batcher{s}, job.Transcribe: Scribe{s, e}, job.Inspect: Examiner{s, e.Inspector}}
	for _, kind := range jobs {
		out[kind] = Producer{s, e}
	}
	return out
}
