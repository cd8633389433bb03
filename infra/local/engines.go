package main

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"

	"latchkey/shared/blob"
	"latchkey/shared/engine/apertium"
	"latchkey/shared/engine/chat"
	"latchkey/shared/engine/command"
	"latchkey/shared/engine/ffmpeg"
	"latchkey/shared/engine/lexrank"
	"latchkey/shared/engine/pocketsphinx"
	"latchkey/shared/recording"
)

// engines are what does the work itself on this machine.
type engines struct {
	recording.Engines
	pairs recording.Pairs
	told  []string // what each one is, or what to install
}

// findEngines looks for what is installed. One that is missing is there all
// the same, and says what to install whenever it is asked.
func findEngines(ctx context.Context, p parts) (e engines) {
	if p.NoEngines {
		return e
	}
	words := apertium.Find(ctx)
	e.Translator, e.pairs = words, words
	e.tell("translations", words.String())
	if p.Chat.URL != "" {
		e.Summarizer = chat.New(p.Chat)
		e.tell("summaries", p.Chat.Model+" at "+p.Chat.URL)
	} else {
		e.Summarizer = lexrank.Engine{Translator: words}
		e.tell("summaries", "LexRank chooses sentences (LATCHKEY_SUMMARIZER_URL names a language model)")
	}
	media := blob.Media{Bucket: blob.New(awss3.NewFromConfig(p.aws(p.S3URL), blob.PathStyle), p.Bucket)}
	e.Renderer = ffmpeg.Renderer{Bucket: media, Temp: p.scratch()}
	said, ok := ffmpeg.Installed()
	if e.tell("video", said); ok { // else nobody has asked for what it finds, and has to be told
		e.Inspector = ffmpeg.Inspector{Objects: media, Temp: p.scratch()}
	}
	if p.Transcriber != nil {
		speech := command.New(media, p.scratch(), p.Transcriber)
		e.Transcriber, e.Aligner = speech, speech
		e.tell("transcripts", p.Transcriber.String())
	} else {
		speech := pocketsphinx.New(media, p.scratch())
		e.Transcriber, e.Aligner = speech, speech
		e.tell("transcripts", pocketsphinx.Installed()+" (LATCHKEY_TRANSCRIBER names another program)")
	}
	return e
}

// scratch is the folder for what engines work on.
func (p parts) scratch() string { return filepath.Join(p.Data, "work") }

// tidy takes away what was worked on when the runner was killed.
func (p parts) tidy() error {
	if err := os.RemoveAll(p.scratch()); err != nil {
		return err
	}
	return os.MkdirAll(p.scratch(), 0o700)
}

func (e *engines) tell(what, by string) { e.told = append(e.told, fmt.Sprintf("%-14s %s", what, by)) }

// readTranscriber reads which program writes down what is said, if it is not
// PocketSphinx.
func readTranscriber(getenv func(string) string) (command.Program, error) {
	line := getenv("LATCHKEY_TRANSCRIBER")
	if line == "" {
		return nil, nil
	}
	p, err := command.Parse(line)
	if err != nil {
		return nil, fmt.Errorf("LATCHKEY_TRANSCRIBER is not a command line: %w", err)
	}
	return p, nil
}

// readChat reads which language model summarises, if any does: the URL of its
// chat completions, without a password in it, which would be printed.
func readChat(getenv func(string) string) (chat.Config, error) {
	c := chat.Config{URL: getenv("LATCHKEY_SUMMARIZER_URL"), Model: getenv("LATCHKEY_SUMMARIZER_MODEL"), Key: getenv("LATCHKEY_SUMMARIZER_KEY")}
	u, err := url.Parse(c.URL)
	switch {
	case c.URL == "" && c.Model+c.Key == "":
		return c, nil
	case err != nil || !strings.HasPrefix(u.Scheme, "http") || u.Host == "" || u.User != nil:
		return c, fmt.Errorf("LATCHKEY_SUMMARIZER_URL is not a URL such as http://127.0.0.1:8080/v1/chat/completions: %q", c.URL)
	case c.Model == "":
		return c, fmt.Errorf("LATCHKEY_SUMMARIZER_URL needs LATCHKEY_SUMMARIZER_MODEL: a model's name at %s", u.Host)
	}
	return c, nil
}
