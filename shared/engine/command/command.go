// Package command has a program of the operator's own write down what is said:
//
//	whisper-cli -m /opt/model.bin -l {language} -ojf
//	whisper --model small --language {language} --word_timestamps True
//
// or whatever else prints their JSON, or writes it beside the WAV file or into
// the folder that it runs in, as these of whisper.cpp and OpenAI do. It is the
// operator's, and has this process's environment; what it is given is plain
// WAV, and not what somebody uploaded. This package refuses to know any
// program's options.
package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"latchkey/shared/engine/ffmpeg"
	"latchkey/shared/engine/process"
	"latchkey/shared/fault"
	"latchkey/shared/job"
	"latchkey/shared/recording"
	"latchkey/shared/transcript"
)

// Program is a command line, in words.
type Program []string

// Parse splits a command line as a shell does, and nothing else. "{language}"
// in its words will be the language's subtag, "en", and a last word is added:
// the path of a WAV file, 16-bit, mono, 16 kHz. An error if a quote is not
// closed, or there is no such program.
func Parse(line string) (Program, error) {
	words, err := split(line)
	if err != nil {
		return nil, err
	}
	if words[0], err = exec.LookPath(words[0]); err == nil {
		words[0], err = filepath.Abs(words[0])
	}
	return words, err
}

// String is the program's name.
func (p Program) String() string { return filepath.Base(p[0]) }

// Engine is such a program.
type Engine struct {
	media   ffmpeg.Objects
	temp    string
	program Program
	slot    chan struct{} // it runs once at a time: it may need all of the memory
}

var (
	_ recording.Transcriber = (*Engine)(nil)
	_ recording.Aligner     = (*Engine)(nil)
)

// New returns an Engine that keeps its files in a folder while it works, or in
// the system's if that is "".
func New(media ffmpeg.Objects, temp string, p Program) *Engine {
	return &Engine{media, temp, p, make(chan struct{}, 1)}
}

// Limits of the program.
const (
	startTime = 10 * time.Minute // in which it may load its model
	slowest   = 20               // times as long as the sound lasts
	maxOutput = 64 << 20         // bytes: three hours of tokens are about 15 MB
)

// Transcribe implements recording.Transcriber. Invalid for media that cannot
// be read. That the program fails, or prints something else, is no fault of
// the media's.
func (e *Engine) Transcribe(ctx context.Context, s recording.Speech) (none transcript.Transcript, _ error) {
	select {
	case <-ctx.Done():
		return none, context.Cause(ctx)
	case e.slot <- struct{}{}:
		defer func() { <-e.slot }()
	}
	folder, err := os.MkdirTemp(e.temp, "latchkey-speech-")
	if err != nil {
		return none, err
	}
	defer os.RemoveAll(folder)
	media, err := ffmpeg.Fetch(ctx, e.media, s.Object, folder)
	if err != nil {
		return none, err
	}
	facts, err := ffmpeg.Probe(ctx, media)
	if err != nil {
		return none, err
	}
	channels := 1
	if s.PerChannel {
		channels = facts.Channels
	}
	heard := make([][]transcript.Heard, channels)
	for i := range heard {
		channel, speaker := ffmpeg.Mix, ""
		switch {
		case s.PerChannel:
			channel, speaker = i, s.Speaker(i)
		case s.Diarization:
			speaker = s.Speaker(0)
		}
		if heard[i], err = e.channel(ctx, folder, media, channel, s.Language); err != nil {
			return none, err
		}
		for j := range heard[i] {
			heard[i][j].Speaker = speaker
		}
		job.Report(ctx, 100*(i+1)/channels)
	}
	return transcript.Written(heard...), nil
}

// Align implements recording.Aligner: what is heard has the times.
func (e *Engine) Align(ctx context.Context, s recording.Speech, text string) (transcript.Transcript, error) {
	s.PerChannel = false
	heard, err := e.Transcribe(ctx, s)
	if err == nil && len(heard.Segments) == 0 {
		err = fault.New(fault.Invalid, "nothing is heard that the text could be aligned with")
	}
	if err != nil {
		return transcript.Transcript{}, err
	}
	return transcript.Align(text, heard), nil
}

// channel has the program hear one channel, or their ffmpeg.Mix.
func (e *Engine) channel(ctx context.Context, folder, media string, channel int, language string) ([]transcript.Heard, error) {
	wav := filepath.Join(folder, "channel.wav")
	if err := ffmpeg.PCM(ctx, media, channel, wav); err != nil {
		return nil, err
	}
	info, err := os.Stat(wav)
	if err != nil {
		return nil, err
	}
	tag, _, _ := strings.Cut(language, "-")
	args := slices.Clone(e.program[1:])
	for i := range args {
		args[i] = strings.ReplaceAll(args[i], "{language}", strings.ToLower(tag))
	}
	seconds := time.Duration(info.Size() / (2 * ffmpeg.SpeechRate))
	c := process.Command{Folder: folder, Limit: startTime + slowest*seconds*time.Second}
	out, err := c.Output(ctx, maxOutput, e.program[0], append(args, wav)...)
	if failed, ok := errors.AsType[*process.Failure](err); ok && failed.Slow {
		return nil, fault.Wrap(fault.Invalid, err, "the media takes too long to transcribe")
	}
	if err == nil {
		out, err = written(out, wav+".json", strings.TrimSuffix(wav, ".wav")+".json")
	}
	if err != nil {
		return nil, err
	}
	words, err := read(out)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", e.program, err)
	}
	return words, nil
}

// written is what was written to the first of these files that is there, which
// is taken away for the next channel, or else what was printed.
func written(printed []byte, files ...string) ([]byte, error) {
	for _, file := range files {
		f, err := os.Open(file)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		defer f.Close()
		os.Remove(file)
		return io.ReadAll(io.LimitReader(f, maxOutput))
	}
	return printed, nil
}

// split cuts a command line as a shell does: at white space that is neither
// quoted nor behind a backslash. Nothing is expanded.
func split(line string) (words []string, _ error) {
	var word strings.Builder
	quote, inside, escaped := rune(0), false, false
	for _, r := range line {
		switch {
		case escaped:
			if quote == '"' && r != '"' && r != '\\' {
				word.WriteByte('\\')
			}
			word.WriteRune(r)
			escaped = false
		case r == '\\' && quote != '\'':
			escaped, inside = true, true
		case r == quote:
			quote = 0
		case quote == 0 && (r == '\'' || r == '"'):
			quote, inside = r, true
		case quote == 0 && strings.ContainsRune(" \t\n", r):
			if inside {
				words = append(words, word.String())
			}
			word.Reset()
			inside = false
		default:
			word.WriteRune(r)
			inside = true
		}
	}
	if quote != 0 || escaped {
		return nil, errors.New("a quote or a backslash at the end is not closed")
	}
	if inside {
		words = append(words, word.String())
	}
	if len(words) == 0 {
		return nil, errors.New("there is no program")
	}
	return words, nil
}
