// Package pocketsphinx writes down what is said, and finds when a text is
// said, with CMU PocketSphinx (https://cmusphinx.github.io), which runs on this
// machine and looks nothing up elsewhere. Of clear speech it hears 19 words in
// 20, of a recorded reading two in three. It refuses other languages than
// English, and does not tell speakers apart, unless each has a channel.
//
// PocketSphinx hears words without punctuation. With recording.Speech's
// Punctuation a sentence is what stands between two pauses of more than 0.6 s:
// it begins with a capital letter and ends with a full stop. There are no
// other marks, and no names with capital letters but those of Keywords.
package pocketsphinx

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"latchkey/shared/engine/ffmpeg"
	"latchkey/shared/fault"
	"latchkey/shared/job"
	"latchkey/shared/recording"
	"latchkey/shared/transcript"
)

// Engine is PocketSphinx, as it is installed on this machine at the time of
// each call.
type Engine struct {
	media ffmpeg.Objects
	temp  string
	slots chan struct{} // as many of its programs run at once
}

var (
	_ recording.Transcriber = (*Engine)(nil)
	_ recording.Aligner     = (*Engine)(nil)
)

// New returns an Engine that keeps its files in a folder while it works, or in
// the system's if that is "". All of its calls together run as many programs
// at once as there are processors, each with about 125 MB.
func New(media ffmpeg.Objects, temp string) *Engine {
	return &Engine{media, temp, make(chan struct{}, runtime.GOMAXPROCS(0))}
}

// Transcribe implements recording.Transcriber. Keywords take the place of words
// of which PocketSphinx is not sure. Of silence it makes an empty transcript.
// Invalid for another language than English, media that cannot be read, and if
// a program is missing.
func (e *Engine) Transcribe(ctx context.Context, s recording.Speech) (transcript.Transcript, error) {
	w, err := e.open(ctx, s)
	if err != nil {
		return transcript.Transcript{}, err
	}
	defer w.close()
	spotter, err := w.spotter(ctx, s.Keywords)
	if err != nil {
		return transcript.Transcript{}, err
	}
	channels := 1
	if s.PerChannel {
		channels = w.facts.Channels
	}
	heard := make([][]transcript.Heard, channels)
	for i := range channels {
		channel, speaker := ffmpeg.Mix, ""
		switch {
		case s.PerChannel:
			channel, speaker = i, s.Speaker(i)
		case s.Diarization:
			speaker = s.Speaker(0)
		}
		words, err := w.channel(ctx, channel, spotter, func(done int) { job.Report(ctx, (100*i+done)/channels) })
		if err != nil {
			return transcript.Transcript{}, err
		}
		heard[i] = sentences(words, speaker, s.Punctuation)
	}
	return transcript.Written(heard...), nil
}

// work is one call's.
type work struct {
	*Engine
	program
	folder, media string
	facts         ffmpeg.Facts
}

// open makes a folder with the media. It has to be closed.
func (e *Engine) open(ctx context.Context, s recording.Speech) (w work, err error) {
	w.Engine = e
	if w.program, err = find(); err != nil {
		return w, err
	}
	if base, _, _ := strings.Cut(strings.ToLower(s.Language), "-"); base != "en" {
		return w, fault.New(fault.Invalid, "speech in %s cannot be transcribed here: there is PocketSphinx, which knows English (en) only", s.Language)
	}
	if w.folder, err = os.MkdirTemp(e.temp, "latchkey-speech-"); err != nil {
		return w, err
	}
	if w.media, err = ffmpeg.Fetch(ctx, e.media, s.Object, w.folder); err == nil {
		w.facts, err = ffmpeg.Probe(ctx, w.media)
	}
	if err != nil {
		w.close()
	}
	return w, err
}

func (w work) close() { os.RemoveAll(w.folder) }

// program is where PocketSphinx is.
type program struct {
	continuous, batch string
	model             string // folder of the English model
}

const install = "install pocketsphinx and pocketsphinx-en-us"

// find looks for the programs, and the model where packages put it beside
// them.
func find() (p program, err error) {
	if p.continuous, err = exec.LookPath("pocketsphinx_continuous"); err == nil {
		p.batch, err = exec.LookPath("pocketsphinx_batch")
	}
	if err == nil {
		p.model = filepath.Join(filepath.Dir(p.continuous), "../share/pocketsphinx/model/en-us")
		_, err = os.Stat(p.dictionary())
	}
	if err != nil {
		return p, fault.Wrap(fault.Invalid, err, "no speech engine is set up: "+install)
	}
	return p, nil
}

// Installed says what there is, or what to install.
func Installed() string {
	if _, err := find(); err != nil {
		return "none: " + install
	}
	return "PocketSphinx, English only"
}

func (p program) acoustics() string  { return filepath.Join(p.model, "en-us") }
func (p program) dictionary() string { return filepath.Join(p.model, "cmudict-en-us.dict") }
