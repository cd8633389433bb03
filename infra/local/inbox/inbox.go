// Package inbox keeps the mails that the local stack sends, on disk, and shows
// them at Path: as pages for people and as JSON for tests. It refuses to run
// or load anything a mail contains: the HTML part is shown in a sandbox that
// has no scripts, no forms and no network.
package inbox

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// States of a message.
const (
	Delivered        = "delivered"
	Bounced          = "bounced"           // accepted, then refused by the recipient's server
	Complained       = "complained"        // delivered, then reported as spam
	Suppressed       = "suppressed"        // accepted, never sent: the address is on SES's list
	RenderingFailure = "rendering_failure" // accepted, never sent: the template lacked data
)

// Message is one mail. Its lists are never nil once stored.
type Message struct {
	ID      string            `json:"id"`
	At      time.Time         `json:"at"`
	State   string            `json:"state"`
	Error   string            `json:"error,omitempty"`
	From    string            `json:"from"`
	To      []string          `json:"to"`
	CC      []string          `json:"cc,omitempty"`
	BCC     []string          `json:"bcc,omitempty"`
	ReplyTo []string          `json:"reply_to"`
	Subject string            `json:"subject"`
	Text    string            `json:"text"`
	HTML    string            `json:"html"`
	Headers map[string]string `json:"headers,omitempty"`
	Tags    map[string]string `json:"tags"`
}

// Store keeps messages in a folder, one file each. It is safe for concurrent
// use by one process.
type Store struct {
	dir string

	mu       sync.RWMutex
	messages map[string]Message
}

// Open reads the messages in dir, which is made if absent.
func Open(dir string) (*Store, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("inbox: %w", err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("inbox: %w", err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil {
		return nil, fmt.Errorf("inbox: %w", err)
	}
	s := &Store{dir: dir, messages: map[string]Message{}}
	for _, f := range files {
		m, err := read(f)
		if err != nil {
			return nil, fmt.Errorf("inbox: %s: %w", f, err)
		}
		s.messages[m.ID] = m
	}
	return s, nil
}

func read(file string) (Message, error) {
	var m Message
	b, err := os.ReadFile(file)
	if err != nil {
		return m, err
	}
	return m, json.Unmarshal(b, &m)
}

// Put keeps a message. When it returns nil the message is on disk. An ID may
// hold letters, digits and dashes only, and be used once.
func (s *Store) Put(m Message) error {
	if !validID(m.ID) {
		return fmt.Errorf("inbox: id %q", m.ID)
	}
	m.To, m.ReplyTo = orEmpty(m.To), orEmpty(m.ReplyTo)
	if m.Tags == nil {
		m.Tags = map[string]string{}
	}
	b, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return fmt.Errorf("inbox: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, taken := s.messages[m.ID]; taken {
		return fmt.Errorf("inbox: %w: %s", fs.ErrExist, m.ID)
	}
	if err := write(filepath.Join(s.dir, m.ID+".json"), b); err != nil {
		return fmt.Errorf("inbox: %w", err)
	}
	s.messages[m.ID] = m
	return nil
}

func orEmpty(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

func validID(id string) bool {
	return id != "" && len(id) <= 128 && strings.Trim(id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") == ""
}

// write makes a file that is either whole or not there.
func write(path string, b []byte) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), ".new-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	_, err = f.Write(b)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// List returns all messages, newest first.
func (s *Store) List() []Message {
	s.mu.RLock()
	defer s.mu.RUnlock()
	list := make([]Message, 0, len(s.messages))
	for _, m := range s.messages {
		list = append(list, m)
	}
	slices.SortFunc(list, func(a, b Message) int {
		return cmp.Or(b.At.Compare(a.At), cmp.Compare(b.ID, a.ID))
	})
	return list
}

// Message returns one message, false if there is none.
func (s *Store) Message(id string) (Message, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	m, ok := s.messages[id]
	return m, ok
}
