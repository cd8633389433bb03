package secretsmanager_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/google/go-cmp/cmp"

	"latchkey/shared/seal"
	"latchkey/shared/seal/secretsmanager"
)

const first, second = "q8Zr4Tn1Lw0Yx7Vb2Mc9Pd5Sf3Gh6Jk1", "x2Zr4Tn1Lw0Yx7Vb2Mc9Pd5Sf3Gh6Jk2"

// fake answers with one secret, an error, or late.
type fake struct {
	mu     sync.Mutex
	secret string
	err    error
	wait   time.Duration
	calls  []string
}

func (f *fake) GetSecretValue(ctx context.Context, in *sdk.GetSecretValueInput, _ ...func(*sdk.Options)) (*sdk.GetSecretValueOutput, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls = append(f.calls, *in.SecretId)
	select {
	case <-time.After(f.wait):
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if f.err != nil {
		return nil, f.err
	}
	if f.secret == "" {
		return &sdk.GetSecretValueOutput{}, nil
	}
	return &sdk.GetSecretValueOutput{SecretString: &f.secret}, nil
}

// opens reports whether keys open what the secret's keys sealed.
func opens(t *testing.T, keys *seal.Keys, secret string) bool {
	t.Helper()
	k, err := seal.Parse(secret)
	if err != nil || keys == nil {
		t.Fatal(keys, err)
	}
	_, err = keys.Open(k.Seal([]byte("x"), "a"), "a")
	return err == nil
}

func TestKeysAreFetchedOnceAndAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{secret: first}
		s := secretsmanager.New(f, "sealing", nil)
		keys := func(want string) {
			t.Helper()
			if k, err := s.Keys(t.Context()); err != nil || !opens(t, k, want) {
				t.Errorf("keys do not open: %v", err)
			}
		}
		if len(f.calls) != 0 {
			t.Error("fetched before use")
		}
		keys(first)
		time.Sleep(secretsmanager.Fresh - time.Nanosecond)
		f.secret = second
		keys(first)
		time.Sleep(time.Nanosecond)
		keys(second)
		f.err = errors.New("throttled")
		time.Sleep(secretsmanager.Fresh)
		keys(second) // the old ones, although the fetch failed
		keys(second) // without another fetch
		f.err, f.secret = nil, first
		time.Sleep(30 * time.Second)
		keys(first)
		if d := cmp.Diff([]string{"sealing", "sealing", "sealing", "sealing"}, f.calls); d != "" {
			t.Error("calls (-want +got)\n" + d)
		}
	})
}

func TestConcurrentFirstUsesMakeOneCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{secret: first, wait: time.Second}
		s := secretsmanager.New(f, "sealing", nil)
		impatient, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		var wg sync.WaitGroup
		wg.Go(func() {
			if _, err := s.Keys(impatient); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("error %v", err)
			}
		})
		synctest.Wait() // the impatient one's call is the one under way
		for range 50 {
			wg.Go(func() {
				if k, err := s.Keys(t.Context()); err != nil || !opens(t, k, first) {
					t.Errorf("keys do not open: %v", err)
				}
			})
		}
		wg.Wait()
		if len(f.calls) != 1 {
			t.Errorf("%d calls", len(f.calls))
		}
	})
}

func TestFirstFetchFails(t *testing.T) {
	for name, f := range map[string]*fake{
		"refused": {err: errors.New("access denied")}, "binary": {}, "too short": {secret: "short"}, "too late": {secret: first, wait: time.Hour},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := secretsmanager.New(f, "sealing", nil)
			if k, err := s.Keys(t.Context()); err == nil || k != nil {
				t.Errorf("%s: got %v, %v", name, k, err)
			}
			f.err, f.secret, f.wait = nil, first, 0
			if k, err := s.Keys(t.Context()); err != nil || !opens(t, k, first) {
				t.Errorf("%s: not fetched again: %v", name, err)
			}
		})
	}
}
