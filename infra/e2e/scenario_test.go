package e2e

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// commands are what stories are made of, besides testscript's own. Texts in
// single quotes get their $NAMES replaced too, since JSON needs both.
//
//	http METHOD URL [-H 'Name: value'] [body] [-until PATH VALUE]
//	    sends a request as a stranger; URL may be a path of the stack. Body:
//	    -json TEXT, -bytes 'TEXT with \x00', -file FILE, or -form NAME=VALUE and
//	    -form NAME=@FILE;type=TYPE. -until asks again until the answer is so.
//	api METHOD URL …      the same with the key $KEY
//	same N api METHOD …   sends it N times at once; all answers must be alike
//
// What follows is about the last answer:
//
//	[!] status CODE
//	[!] header NAME [PATTERN] [-> VAR]   VAR gets the pattern's first group
//	[!] json PATH [VALUE] [-> VAR]       see lookup
//	[!] body PATTERN [-> VAR]            "body is FILE" compares bytes
//	upload FILE [PARTSIZE]               sends a file as the answer says, or
//	                                     as the last one did that said it;
//	                                     $PARTS is what to complete it with
//
// And these set the last answer themselves:
//
//	follow URL FILE       a link that leads to FILE's bytes in S3
//	mail ADDRESS [-html]  the newest mail to an address, its text as the body
//	received PATH [N [PATTERN]]   the Nth request to $RECEIVER that has it, a server
//	                      that answers what its paths begin with: /503,204/$RUN
//	[!] signed SECRET     what was received last, by Standard Webhooks or by
//	                      Sonix, as the secret's beginning tells
//
// For media, which take ffmpeg:
//
//	save FILE             the body of the last answer
//	heard FILE PERCENT    prints the word error rate of a transcript.json, against
//	                      the text that was said, which is at most so much
//	highlight N M         marks M words of a transcript.json, after N of them,
//	                      that last $SECONDS: highlighted.json is to be put
//	lasts FILE SECONDS    to 0.1 s, as much as is heard
//	[!] subtitled PLAIN BURNT SECONDS   the frames differ in the lowest third, and
//	                      nowhere else
//
//	generate FILE SIZE    a real .png, .pdf or .zip, or bytes that look random
//	repeat VAR N TEXT
//	moment VAR DURATION   so long from now
//
// "[!async] skip" leaves out the rest where the stack lacks that, see doc.go.
func commands() map[string]func(*testscript.TestScript, bool, []string) {
	return map[string]func(*testscript.TestScript, bool, []string){
		"http": plain(cmdHTTP), "api": plain(cmdAPI), "same": plain(cmdSame), "status": cmdStatus,
		"header": cmdHeader, "json": cmdJSON, "body": cmdBody, "upload": plain(cmdUpload),
		"follow": plain(cmdFollow), "mail": plain(cmdMail), "received": plain(cmdReceived), "signed": cmdSigned, "generate": plain(cmdGenerate),
		"repeat": plain(cmdRepeat), "moment": plain(cmdMoment),
		"save": plain(cmdSave), "heard": plain(cmdHeard), "highlight": plain(cmdHighlight), "lasts": plain(cmdLasts), "subtitled": cmdSubtitled,
	}
}

func (s *stack) testScripts(t *testing.T) { s.tell(t, "testdata/scripts/*.txtar") }

// tell runs stories, all at once.
func (s *stack) tell(t *testing.T, pattern string) {
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		t.Fatalf("%s: %v, %v", pattern, files, err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".txtar")
		// One run each: that is how a condition knows whose it is.
		testscript.Run(t, testscript.Params{
			Files: []string{file}, Cmds: commands(), Setup: s.setup,
			Condition: func(what string) (bool, error) { return s.has(what, "the rest of "+name) },
		})
	}
}

func (s *stack) setup(env *testscript.Env) error {
	env.Values[storyKey{}] = &story{stack: s}
	now := time.Now().UTC()
	for name, value := range map[string]string{
		"SIGNED": "Authorization: AWS4-HMAC-SHA256 e2e", // as much as the local stack's Lambda looks at
		"KEY":    s.key, "OTHER_KEY": s.other, "INBOX": s.inbox, "RECEIVER": s.receiver.URL,
		"RUN":       strconv.FormatInt(now.UnixNano(), 36), // of this story and no other
		"TOMORROW":  now.AddDate(0, 0, 1).Format(time.DateOnly),
		"YESTERDAY": now.AddDate(0, 0, -1).Format(time.DateOnly),
		"NEXT_WEEK": now.AddDate(0, 0, 7).Format(time.DateOnly),
	} {
		env.Setenv(name, value)
	}
	return nil
}

// story is one running script.
type story struct {
	stack  *stack
	last   answer
	upload upload // that was made last
}

type storyKey struct{}

func of(ts *testscript.TestScript) *story { return ts.Value(storyKey{}).(*story) }

// plain makes a command that cannot be negated.
func plain(f func(*testscript.TestScript, []string)) func(*testscript.TestScript, bool, []string) {
	return func(ts *testscript.TestScript, neg bool, args []string) {
		if neg {
			ts.Fatalf("it makes no sense to negate this")
		}
		f(ts, args)
	}
}

func want(ts *testscript.TestScript, args []string, least, most int) {
	if len(args) < least || len(args) > most {
		ts.Fatalf("%d words after the command, want %d to %d", len(args), least, most)
	}
}

func expand(ts *testscript.TestScript, text string) string { return os.Expand(text, ts.Getenv) }

func cmdHTTP(ts *testscript.TestScript, args []string) {
	r := parseRequest(ts, args)
	of(ts).send(ts, r)
}

func cmdAPI(ts *testscript.TestScript, args []string) {
	r := parseRequest(ts, args)
	r.header.Set("Authorization", "Bearer "+ts.Getenv("KEY"))
	of(ts).send(ts, r)
}

func (st *story) send(ts *testscript.TestScript, r request) {
	ok := eventually(func() bool {
		var err error
		st.last, err = st.stack.do(r.method, r.url, r.header.Clone(), r.body)
		ts.Check(err)
		return r.until == nil || r.until(ts, st.last)
	})
	if !ok {
		ts.Fatalf("it never became so; the last answer is %d %.2000s", st.last.status, st.last.body)
	}
}

func cmdSame(ts *testscript.TestScript, args []string) {
	want(ts, args, 4, 100)
	n, err := strconv.Atoi(args[0])
	ts.Check(err)
	r := parseRequest(ts, args[2:])
	if args[1] == "api" {
		r.header.Set("Authorization", "Bearer "+ts.Getenv("KEY"))
	}
	st := of(ts)
	answers, errs := make([]answer, n), make([]error, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { answers[i], errs[i] = st.stack.do(r.method, r.url, r.header.Clone(), r.body) })
	}
	wg.Wait()
	st.last = answers[0]
	for i, a := range answers {
		ts.Check(errs[i])
		if a.status != st.last.status || !bytes.Equal(a.body, st.last.body) {
			ts.Fatalf("two answers:\n%d %s\n%d %s", st.last.status, st.last.body, a.status, a.body)
		}
	}
}

func cmdStatus(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, args, 1, 1)
	if a := of(ts).last; (strconv.Itoa(a.status) == args[0]) == neg {
		ts.Fatalf("status %d, against %s: %.2000s", a.status, args[0], a.body)
	}
}

// capture splits "… -> VAR" off a command's words.
func capture(args []string) (rest []string, name string) {
	if n := len(args); n >= 2 && args[n-2] == "->" {
		return args[:n-2], args[n-1]
	}
	return args, ""
}

// match checks a text against a pattern, and sets a variable to the first
// group, or to all that matched.
func match(ts *testscript.TestScript, neg bool, what, in, pattern, name string) {
	re, err := regexp.Compile(pattern)
	ts.Check(err)
	m := re.FindStringSubmatch(in)
	if (m != nil) == neg {
		ts.Fatalf("%s is %.2000q, pattern %q", what, in, pattern)
	}
	if name != "" && m != nil {
		ts.Setenv(name, m[min(1, len(m)-1)])
	}
}

func cmdHeader(ts *testscript.TestScript, neg bool, args []string) {
	args, name := capture(args)
	want(ts, args, 1, 2)
	a := of(ts).last
	values := a.header.Values(args[0])
	if len(args) == 1 {
		args = append(args, ".*")
		if neg == (len(values) > 0) {
			ts.Fatalf("the header %s is %q", args[0], values)
		}
		neg = false
	} else if len(values) == 0 && !neg {
		ts.Fatalf("there is no header %s, among %v", args[0], a.header)
	}
	match(ts, neg, args[0], strings.Join(values, "\n"), args[1], name)
}

func cmdJSON(ts *testscript.TestScript, neg bool, args []string) {
	args, name := capture(args)
	want(ts, args, 1, 2)
	a := of(ts).last
	v, ok, err := a.json(expand(ts, args[0]))
	ts.Check(err)
	if len(args) == 1 && ok == neg || !ok && !neg {
		ts.Fatalf("%s: found is %t in %.2000s", args[0], ok, a.body)
	}
	if len(args) == 2 && (ok && text(v) == expand(ts, args[1])) == neg {
		ts.Fatalf("%s is %q, against %q, in %.2000s", args[0], text(v), args[1], a.body)
	}
	if name != "" {
		ts.Setenv(name, text(v))
	}
}

func cmdBody(ts *testscript.TestScript, neg bool, args []string) {
	args, name := capture(args)
	want(ts, args, 1, 2)
	a := of(ts).last
	if len(args) == 1 {
		match(ts, neg, "body", string(a.body), args[0], name)
		return
	}
	file := []byte(ts.ReadFile(args[1]))
	if bytes.Equal(a.body, file) == neg {
		ts.Fatalf("the body has %d bytes, %s has %d; the body begins %.300q", len(a.body), args[1], len(file), a.body)
	}
}

func cmdFollow(ts *testscript.TestScript, args []string) {
	want(ts, args, 2, 2)
	st := of(ts)
	st.send(ts, request{method: http.MethodGet, url: args[0], header: http.Header{}})
	if st.last.status != http.StatusFound {
		ts.Fatalf("status %d, want 302: %.2000s", st.last.status, st.last.body)
	}
	st.send(ts, request{method: http.MethodGet, url: st.last.header.Get("Location"), header: http.Header{}})
	if file := ts.ReadFile(args[1]); st.last.status != http.StatusOK || file != string(st.last.body) {
		ts.Fatalf("S3 answered %d with %d bytes, want the %d of %s: %.300q", st.last.status, len(st.last.body), len(file), args[1], st.last.body)
	}
}

func cmdMoment(ts *testscript.TestScript, args []string) {
	want(ts, args, 2, 2)
	d, err := time.ParseDuration(args[1])
	ts.Check(err)
	ts.Setenv(args[0], time.Now().Add(d).UTC().Format(time.RFC3339Nano))
}

func cmdRepeat(ts *testscript.TestScript, args []string) {
	want(ts, args, 3, 3)
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	ts.Setenv(args[0], strings.Repeat(args[2], n))
}
