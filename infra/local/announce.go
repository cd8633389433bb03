package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// demo is demo.json: the facts that announce prints, for programs.
type demo struct {
	BaseURL  string `json:"base_url"`
	InboxURL string `json:"inbox_url"`
	S3URL    string `json:"s3_url"`
	Keys     struct {
		Admin string `json:"admin"`
	} `json:"keys"`
}

// announce says on out and in demo.json how to use what runs.
func (st *stack) announce(out io.Writer) error {
	d := demo{BaseURL: st.BaseURL, InboxURL: st.InboxURL, S3URL: cmp.Or(st.Endpoint, st.S3URL)}
	d.Keys.Admin = st.adminKey
	b, err := json.MarshalIndent(d, "", "  ")
	if err != nil {
		return err
	}
	file := filepath.Join(st.Data, "demo.json")
	if err := os.WriteFile(file, append(b, '\n'), 0o600); err != nil {
		return fmt.Errorf("demo.json: %w", err)
	}
	running := "Latchkey is running."
	if st.Endpoint != "" {
		running = "AWS is ready for Latchkey at " + st.Endpoint + "."
	}
	_, err = fmt.Fprintf(out, `%s Control-C ends it.

  API    %s
  Key    %s   (demo organization)
  Inbox  %s
  S3     %s
  Data   %s

`, running, d.BaseURL, d.Keys.Admin, d.InboxURL, d.S3URL, st.Data)
	if err == nil && len(st.engines) > 0 {
		_, err = fmt.Fprintf(out, "  %s\n\n", strings.Join(st.engines, "\n  "))
	}
	if err == nil && len(st.examples) > 0 {
		_, err = fmt.Fprintf(out, "Try:\n\n%s\n\n", strings.Join(st.examples, "\n\n"))
	}
	return err
}
