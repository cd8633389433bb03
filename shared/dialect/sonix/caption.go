package sonix

import (
	"io"
	"math"
	"slices"

	"golang.org/x/text/cases"
	"golang.org/x/text/language"

	"latchkey/shared/dialect"
	"latchkey/shared/fault"
	"latchkey/shared/transcript"
)

// Values of speaker_display.
const (
	speakerNone      = "none"
	speakerAsTyped   = "as_typed"
	speakerUppercase = "uppercase"
)

// The text names no ranges. These refuse what can only be a mistake, and take
// what says "as much as there is".
const (
	maxCharacters = 20_000  // of a subtitle: as many as a segment has at most
	minDuration   = 0.1     // s
	maxDuration   = 360_000 // s: the longest transcript
	maxCPS        = 1000
)

// captions is how a transcript is written as .srt or .vtt.
type captions struct {
	speaker    string // one of the constants above
	limited    bool   // to characters and duration, rather than a subtitle for each segment
	lines      int    // 1 or 2; 0 if nothing is said of them
	characters int
	duration   int64 // ms
}

// readCaptions reads the options of .srt and .vtt. They are checked also where
// limit_captions is false and they have no effect.
func readCaptions(f dialect.Form) (c captions, err error) {
	if c.speaker, _, err = f.String("speaker_display"); err != nil {
		return c, err
	}
	if c.speaker == "" {
		c.speaker = speakerNone
	}
	if !slices.Contains([]string{speakerNone, speakerAsTyped, speakerUppercase}, c.speaker) {
		return c, fault.Field(fault.Invalid, "speaker_display", "must be one of: %s, %s, %s", speakerNone, speakerAsTyped, speakerUppercase)
	}
	if c.limited, _, err = f.Bool("limit_captions"); err != nil {
		return c, err
	}
	if c.lines, err = readInt(f, "subtitle_lines", 0, 2); err != nil {
		return c, err
	}
	if c.characters, err = readInt(f, "max_characters", 90, maxCharacters); err != nil {
		return c, err
	}
	c.duration, err = readSeconds(f, "max_duration", 10)
	return c, err
}

// readSplit reads the options of PUT …/transcript/split. Their defaults are
// not those of captions. Here too, no subtitle stays over a silence, though
// the text says nothing of it.
func readSplit(f dialect.Form) (l transcript.Limits, err error) {
	l.Silence = transcript.DefaultLimits.Silence
	if l.Lines, err = readInt(f, "subtitle_lines", 1, 2); err != nil {
		return l, err
	}
	if l.Characters, err = readInt(f, "max_characters", 45, maxCharacters); err != nil {
		return l, err
	}
	if l.Duration, err = readSeconds(f, "max_duration", 10); err != nil {
		return l, err
	}
	rate, err := readFloat(f, "max_cps", 12, 1, maxCPS)
	l.Rate = int(rate) // what is below a limit keeps to it
	return l, err
}

// readInt reads an integer from 1 to most.
func readInt(f dialect.Form, name string, otherwise, most int) (int, error) {
	n, ok, err := f.Int(name)
	switch {
	case err != nil:
		return 0, err
	case !ok:
		return otherwise, nil
	case n < 1 || n > int64(most):
		return 0, fault.Field(fault.Invalid, name, "must be a whole number from 1 to %d", most)
	}
	return int(n), nil
}

func readFloat(f dialect.Form, name string, otherwise, least, most float64) (float64, error) {
	n, ok, err := f.Float(name)
	switch {
	case err != nil:
		return 0, err
	case !ok:
		return otherwise, nil
	case !(n >= least && n <= most):
		return 0, fault.Field(fault.Invalid, name, "must be a number from %g to %.f", least, most)
	}
	return n, nil
}

// readSeconds reads seconds, as ms.
func readSeconds(f dialect.Form, name string, otherwise float64) (int64, error) {
	s, err := readFloat(f, name, otherwise, minDuration, maxDuration)
	return int64(math.Round(s * 1000)), err
}

// write writes SRT or WebVTT. The speaker, where there is one, stands on a
// line of its own above each subtitle, which no limit counts.
func (c captions) write(w io.Writer, f transcript.Format, t transcript.Transcript, lang string) error {
	t = c.cut(t)
	if c.speaker == speakerUppercase {
		t = uppercase(t, lang)
	}
	return transcript.Write(w, f, t, transcript.Options{WithoutSpeakers: c.speaker == speakerNone, SpeakerLines: true})
}

// cut makes a subtitle of each segment or, where they are limited, of its
// parts; then none stays over a silence. Where nothing is said of lines, those stay that a split has stored.
func (c captions) cut(t transcript.Transcript) transcript.Transcript {
	if c.limited {
		return t.Split(transcript.Limits{
			Lines: max(1, c.lines), Characters: c.characters, Duration: c.duration, Silence: transcript.DefaultLimits.Silence,
		})
	}
	if c.lines > 0 {
		return t.Split(transcript.Limits{Lines: c.lines})
	}
	// A subtitle without text is none, and some players stumble over it.
	silent := func(s transcript.Segment) bool { return len(s.Words) == 0 }
	if slices.ContainsFunc(t.Segments, silent) {
		t.Segments = slices.DeleteFunc(slices.Clone(t.Segments), silent)
	}
	return t
}

// uppercase is the transcript with its speakers in capitals, as its language
// writes them.
func uppercase(t transcript.Transcript, lang string) transcript.Transcript {
	upper := cases.Upper(language.Make(lang))
	names := map[string]string{}
	segments := slices.Clone(t.Segments)
	for i := range segments {
		s := &segments[i]
		if _, ok := names[s.Speaker]; !ok {
			names[s.Speaker] = upper.String(s.Speaker)
		}
		s.Speaker = names[s.Speaker]
	}
	return transcript.Transcript{Segments: segments}
}
