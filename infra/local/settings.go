package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"latchkey/shared/engine/chat"
	"latchkey/shared/engine/command"
)

// settings are what the environment says.
type settings struct {
	port, s3Port string
	data         string // absolute
	template     []byte
	functions    string // absolute, or ""
	dynamoDB     *url.URL
	trusted      []string // origins of webhooks and media on this machine or in its network
	noEngines    bool     // ENGINES=0
	chat         chat.Config
	transcriber  command.Program
	serve        netip.Prefix // whose functions AWS's endpoints are served to, instead of an API; or none
}

// readSettings reports everything that is wrong at once. Paths become
// absolute here, before the S3 server changes the working directory.
func readSettings(getenv func(string) string) (settings, error) {
	s := settings{
		port:      or(getenv("PORT"), "3000"),
		s3Port:    or(getenv("S3_PORT"), "3001"),
		noEngines: getenv("ENGINES") == "0",
		trusted:   strings.FieldsFunc(getenv("LATCHKEY_TRUSTED_ORIGINS"), func(r rune) bool { return r == ',' }),
	}
	var errs []error
	for name, port := range map[string]string{"PORT": s.port, "S3_PORT": s.s3Port} {
		if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 {
			errs = append(errs, fmt.Errorf("%s is not a port: %q", name, port))
		}
	}
	if s.port == s.s3Port {
		errs = append(errs, fmt.Errorf("PORT and S3_PORT are both %s", s.port))
	}
	var err error
	if s.data, err = filepath.Abs(or(getenv("LATCHKEY_DATA"), ".latchkey")); err != nil {
		errs = append(errs, err)
	}
	if s.template, err = os.ReadFile("template.yaml"); err != nil {
		errs = append(errs, fmt.Errorf("run it in the repository's folder: %w", err))
	}
	if s.chat, err = readChat(getenv); err != nil {
		errs = append(errs, err)
	}
	if s.transcriber, err = readTranscriber(getenv); err != nil {
		errs = append(errs, err)
	}
	errs = append(errs, s.readFunctions(getenv), s.readServe(getenv))
	return s, errors.Join(errs...)
}

// readFunctions reads what running the functions as processes takes.
func (s *settings) readFunctions(getenv func(string) string) (err error) {
	folder := getenv("LATCHKEY_FUNCTIONS")
	if folder == "" {
		return nil
	}
	if s.functions, err = filepath.Abs(folder); err != nil {
		return err
	}
	return s.readDynamoDB("LATCHKEY_FUNCTIONS", getenv)
}

func (s *settings) readDynamoDB(needs string, getenv func(string) string) (err error) {
	const name = "AWS_ENDPOINT_URL_DYNAMODB"
	endpoint := getenv(name)
	if endpoint == "" {
		return fmt.Errorf("%s needs %s: processes cannot share the file that is the table otherwise", needs, name)
	}
	if s.dynamoDB, err = url.Parse(endpoint); err != nil || s.dynamoDB.Host == "" {
		return fmt.Errorf("%s is not a URL such as http://127.0.0.1:8000: %q", name, endpoint)
	}
	return nil
}

// readServe reads what it takes to leave the functions to somebody else.
func (s *settings) readServe(getenv func(string) string) (err error) {
	network := getenv("LATCHKEY_SERVE")
	if network == "" {
		return nil
	}
	if s.functions != "" {
		return errors.New("LATCHKEY_SERVE and LATCHKEY_FUNCTIONS: who is to run the functions?")
	}
	if s.serve, err = netip.ParsePrefix(network); err != nil {
		return fmt.Errorf("LATCHKEY_SERVE is not a network such as 172.17.0.0/16: %q", network)
	}
	return s.readDynamoDB("LATCHKEY_SERVE", getenv)
}

func or(value, fallback string) string {
	if value == "" {
		return fallback
	}
	return value
}

// lock makes the data folder and takes it for this process. The system
// releases it when the process ends, however that happens.
func lock(data string) (unlock func(), err error) {
	if err := os.MkdirAll(data, 0o700); err != nil {
		return nil, fmt.Errorf("LATCHKEY_DATA: %w", err)
	}
	f, err := os.OpenFile(filepath.Join(data, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("LATCHKEY_DATA: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		return nil, fmt.Errorf("another run is using %s: end it, or set LATCHKEY_DATA to another folder", data)
	}
	return func() { f.Close() }, nil
}

// secret returns the random secret kept under a name in the data folder,
// making it the first time.
func secret(data, name string) (string, error) {
	path := filepath.Join(data, name)
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		b = []byte(rand.Text() + rand.Text())
		err = os.WriteFile(path, b, 0o600)
	}
	if err != nil {
		return "", fmt.Errorf("secret: %w", err)
	}
	return string(b), nil
}
