package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestServe leaves the functions to somebody else.
func TestServe(t *testing.T) {
	vars := env(t)
	vars["LATCHKEY_SERVE"], vars["AWS_ENDPOINT_URL_DYNAMODB"] = "203.0.113.0/24", "http://127.0.0.1:1"
	r := launch(t, vars)
	at := "http://127.0.0.1:" + vars["S3_PORT"]

	if want := "http://stack.localhost:" + vars["S3_PORT"]; r.parts.Endpoint != want || !strings.Contains(r.out, want) {
		t.Errorf("endpoint %q, printed %q, want %q", r.parts.Endpoint, r.out, want)
	}
	if want := "http://127.0.0.1:" + vars["PORT"]; r.parts.BaseURL != want {
		t.Errorf("base URL %q, want %q, where the API will be", r.parts.BaseURL, want)
	}
	if _, err := net.Dial("tcp", "127.0.0.1:"+vars["PORT"]); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("at PORT: %v, want nobody", err)
	}
	if _, body := get(t, at+"/anything"); body != "AWS" {
		t.Errorf("at S3_PORT: %q, want the endpoints", body)
	}

	// Mail and uploads arrive, and cause nothing: there is nobody to tell.
	ses := r.parts
	ses.BaseURL = at
	send(t, ses, "Hello")
	if _, body := get(t, r.parts.InboxURL); !strings.Contains(body, "Hello") {
		t.Errorf("the inbox is %q", body)
	}
	upload(t, r.parts, "media/1")
	if err := r.stop(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(filepath.Join(vars["LATCHKEY_DATA"], "queue.db")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("queue.db: %v, want no queue", err)
	}
}

func TestHostsIn(t *testing.T) {
	own, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range own {
		ip := netip.MustParsePrefix(a.String()).Addr()
		hosts, err := hostsIn(netip.PrefixFrom(ip, ip.BitLen()))
		want := []string{ip.String()}
		if ip.IsLoopback() { // it is listened at anyway
			want = nil
		}
		if diff := cmp.Diff(want, hosts); err != nil || diff != "" {
			t.Errorf("hosts in %s: %v (-want +got):\n%s", ip, err, diff)
		}
	}
	if hosts, err := hostsIn(netip.MustParsePrefix("203.0.113.0/24")); err != nil || hosts != nil { // for examples, RFC 5737
		t.Errorf("hosts in a network of others: %v, %v", hosts, err)
	}
}

// TestTell: each function is told what template.yaml declares, and nothing is
// left empty but what is on AWS too.
func TestTell(t *testing.T) {
	text, err := os.ReadFile("../../template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	c := cloud{parts: parts{
		Data: t.TempDir(), BaseURL: "http://127.0.0.1:3000", Endpoint: "http://stack.localhost:3001",
		Bucket: bucket, Region: region, Template: text,
	}, name: "latchkey-x", table: "arn:aws:dynamodb:r:1:table/latchkey-x", stream: "arn:stream", account: "1"}
	if err := c.tell(); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(filepath.Join(c.Data, "env-vars.json"))
	if err != nil {
		t.Fatal(err)
	}
	var told map[string]map[string]string
	if err := json.Unmarshal(b, &told); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"LATCHKEY_TABLE": c.name, "LATCHKEY_BUCKET": bucket, "LATCHKEY_DOMAIN": c.BaseURL, "LATCHKEY_MAIL_FROM": plainFrom,
		"LATCHKEY_SEALING_SECRET": c.secretARN(), "AWS_ENDPOINT_URL_DYNAMODB": c.Endpoint, "AWS_ENDPOINT_URL_S3": c.Endpoint,
		"AWS_ENDPOINT_URL_SESV2": c.Endpoint, "AWS_ENDPOINT_URL_SECRETSMANAGER": c.Endpoint,
	} {
		if got := told["LinksFunction"][name]; got != want {
			t.Errorf("links is told %s=%q, want %q", name, got, want)
		}
	}
	// Nothing is fetched there, nothing rendered, and nothing summarised.
	empty := []string{"LATCHKEY_TRUSTED_ORIGINS", "LATCHKEY_RENDER_QUEUE", "LATCHKEY_SUMMARY_MODEL"}
	for id, variables := range told {
		for name, value := range variables {
			if value == "" && !slices.Contains(empty, name) {
				t.Errorf("%s is told nothing of %s", id, name)
			}
		}
	}
}

// answers is AWS in one word.
func answers(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "AWS") }
