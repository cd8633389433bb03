package main

import (
	"context"
	"strings"
	"testing"

	"latchkey/shared/engine/chat"
	"latchkey/shared/engine/command"
	"latchkey/shared/fault"
	"latchkey/shared/recording"
)

func TestEngines(t *testing.T) {
	t.Setenv("PATH", t.TempDir()) // nothing is installed
	e := findEngines(t.Context(), parts{})
	_, err := e.Translator.Translate(context.Background(), "en", "es", []string{"hello"})
	for _, err := range []error{err, e.pairs.Supports("en", "es")} {
		if !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "install apertium") {
			t.Errorf("a translation without a translator: %v", err)
		}
	}
	if told := strings.Join(e.told, "\n"); !strings.Contains(told, "none: install apertium") || !strings.Contains(told, "none: install ffmpeg") || !strings.Contains(told, "none: install pocketsphinx and pocketsphinx-en-us") || !strings.Contains(told, "LexRank") {
		t.Errorf("it is told: %s", told)
	}
	for _, err := range []error{second(e.Transcriber.Transcribe(t.Context(), recording.Speech{Language: "en"})), second(e.Aligner.Align(t.Context(), recording.Speech{Language: "en"}, "hello"))} {
		if !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "install pocketsphinx") {
			t.Errorf("speech without an engine: %v", err)
		}
	}
	if e = findEngines(t.Context(), parts{Transcriber: command.Program{"/opt/bin/whisper", "-l", "{language}"}}); !strings.Contains(strings.Join(e.told, "\n"), "whisper") {
		t.Errorf("it is told: %s", e.told)
	}
	e = findEngines(t.Context(), parts{Chat: chat.Config{URL: "http://127.0.0.1:8080/v1/chat/completions", Model: "small", Key: "sk-secret"}})
	if told := strings.Join(e.told, "\n"); !strings.Contains(told, "small at http://127.0.0.1:8080/") || strings.Contains(told, "sk-secret") {
		t.Errorf("it is told: %s", told)
	}
	if e = findEngines(t.Context(), parts{NoEngines: true}); e.Transcriber != nil || e.Aligner != nil || e.Translator != nil || e.Summarizer != nil || e.Renderer != nil || e.pairs != nil || e.told != nil {
		t.Errorf("without engines: %+v", e)
	}
}

func TestReadChat(t *testing.T) {
	const url = "https://models.example/v1/chat/completions"
	for _, tt := range []struct{ url, model, key, wrong string }{
		{"", "", "", ""},
		{url, "small", "", ""},
		{url, "small", "sk-secret", ""},
		{url, "", "", "needs LATCHKEY_SUMMARIZER_MODEL"},
		{"", "small", "", "LATCHKEY_SUMMARIZER_URL"},
		{"", "", "sk-secret", "LATCHKEY_SUMMARIZER_URL"},
		{"models.example", "small", "", "LATCHKEY_SUMMARIZER_URL"},
		{"file:///etc/passwd", "small", "", "LATCHKEY_SUMMARIZER_URL"},
		{"https://me:secret@models.example/", "small", "", "LATCHKEY_SUMMARIZER_URL"},
	} {
		vars := map[string]string{"LATCHKEY_SUMMARIZER_URL": tt.url, "LATCHKEY_SUMMARIZER_MODEL": tt.model, "LATCHKEY_SUMMARIZER_KEY": tt.key}
		got, err := readChat(func(name string) string { return vars[name] })
		switch {
		case tt.wrong == "" && (err != nil || got != chat.Config{URL: tt.url, Model: tt.model, Key: tt.key}):
			t.Errorf("%+v: %+v, %v", tt, got, err)
		case tt.wrong != "" && (err == nil || !strings.Contains(err.Error(), tt.wrong)):
			t.Errorf("%+v: %v", tt, err)
		}
	}
}

func second[T any](_ T, err error) error { return err }

func TestReadTranscriber(t *testing.T) {
	for line, wrong := range map[string]bool{"": false, "sh -c 'whisper \"$1\"' -": false, "/no/such/program": true, "sh 'open": true} {
		got, err := readTranscriber(func(string) string { return line })
		if (err != nil) != wrong || wrong && !strings.Contains(err.Error(), "LATCHKEY_TRANSCRIBER") || (got == nil) != (line == "" || wrong) {
			t.Errorf("%q: %q, %v", line, got, err)
		}
	}
}
