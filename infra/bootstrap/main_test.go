package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// lambdaAnswer is one answer of the fake Lambda service.
type lambdaAnswer struct {
	status        int
	functionError string
	errorType     string
	body          string
}

// fakeLambda answers every invocation alike and keeps what it was asked.
func fakeLambda(t *testing.T, a lambdaAnswer) (calls *[]string) {
	calls = new([]string)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		*calls = append(*calls, r.Method+" "+r.URL.RequestURI()+" "+string(body))
		if a.functionError != "" {
			w.Header().Set("X-Amz-Function-Error", a.functionError)
		}
		if a.errorType != "" {
			w.Header().Set("X-Amzn-ErrorType", a.errorType)
		}
		w.WriteHeader(a.status)
		_, _ = io.WriteString(w, a.body)
	}))
	t.Cleanup(srv.Close)
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL_LAMBDA": srv.URL, "AWS_REGION": "eu-central-1", "AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "secret",
		"AWS_CONFIG_FILE": os.DevNull, "AWS_SHARED_CREDENTIALS_FILE": os.DevNull, "AWS_PROFILE": "", "AWS_CA_BUNDLE": "",
	} {
		t.Setenv(name, value)
	}
	return calls
}

func TestRunPrintsTheKeyOnce(t *testing.T) {
	calls := fakeLambda(t, lambdaAnswer{status: 200, body: `{"organization_id":"o1","user_id":"u1","key":"lk_a_b"}`})
	var out strings.Builder
	args := []string{"-stack", "lk-staging", "-organization", `Acme "1"`, "-email", "admin@example.com", "-name", "Ada"}
	if err := run(t.Context(), args, &out); err != nil {
		t.Fatal(err)
	}
	got := out.String()
	want := []string{`POST /2015-03-31/functions/lk-staging-control/invocations?Qualifier=live {"bootstrap":{"organization":"Acme \"1\"","email":"admin@example.com","name":"Ada"}}`}
	if diff := cmp.Diff(want, *calls); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
	for _, s := range []string{"o1", "u1", "lk_a_b"} {
		if strings.Count(got, s) != 1 {
			t.Errorf("output has %q %d times, want once:\n%s", s, strings.Count(got, s), got)
		}
	}
}

func TestRunRefusals(t *testing.T) {
	exists := `{"errorMessage":"organization \"Acme\" exists already","errorType":"Error"}`
	tests := []struct {
		name   string
		answer lambdaAnswer
		want   string
	}{
		{"organization exists", lambdaAnswer{status: 200, functionError: "Unhandled", body: exists}, `latchkey-control: organization "Acme" exists already`},
		{"function died", lambdaAnswer{status: 200, functionError: "Unhandled", body: `no JSON with secrets`}, "latchkey-control failed; its log says why"},
		{"no such stack", lambdaAnswer{status: 404, errorType: "ResourceNotFoundException", body: `{"Message":"Function not found"}`}, "there is no function latchkey-control in this account and region; is latchkey the stack's name?"},
		{"answer without key", lambdaAnswer{status: 200, body: `{"statusCode":200}`}, "latchkey-control answered without a key; does it run the same version?"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			calls := fakeLambda(t, tt.answer)
			var out strings.Builder
			err := run(t.Context(), []string{"-organization", "Acme", "-email", "admin@example.com"}, &out)
			if err == nil || err.Error() != tt.want {
				t.Errorf("error = %v, want %q", err, tt.want)
			}
			if out.Len() > 0 || len(*calls) != 1 {
				t.Errorf("printed %q after %d calls, want nothing after one", out.String(), len(*calls))
			}
		})
	}
}

func TestRunAsksOnceWhenTheServiceFails(t *testing.T) {
	calls := fakeLambda(t, lambdaAnswer{status: 503, errorType: "ServiceException", body: `{"Message":"down"}`})
	if err := run(t.Context(), []string{"-organization", "Acme", "-email", "a@example.com"}, io.Discard); err == nil {
		t.Error("no error when the service is down")
	}
	if len(*calls) != 1 {
		t.Errorf("%d calls, want one: a repeated one cannot show the key", len(*calls))
	}
}

func TestParse(t *testing.T) {
	tests := []struct {
		name string
		args []string
		want string
	}{
		{"nothing", nil, "-organization is missing"},
		{"no address", []string{"-organization", "Acme"}, "-email is missing"},
		{"no stack", []string{"-stack", "", "-organization", "Acme", "-email", "a@b.c"}, "-stack is empty"},
		{"stray word", []string{"-organization", "Acme", "Corp"}, `unexpected argument "Corp"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, _, err := parse(tt.args); err == nil || err.Error() != tt.want {
				t.Errorf("error = %v, want %q", err, tt.want)
			}
		})
	}
}
