package webhook

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"strconv"
	"strings"
	"time"
)

// Secrets of ours are 32 random bytes in base64 after this prefix (Standard
// Webhooks 1.0.0, "Signature scheme").
const (
	secretPrefix = "whsec_"
	secretBytes  = 32
)

func newSecret(random []byte) string {
	return secretPrefix + base64.StdEncoding.EncodeToString(random)
}

// secrets are a webhook's, as they sign a message.
type secrets struct {
	own   []string // whsec_…, the newest first
	given string   // the caller's, or ""
}

// sign returns the headers of a message: those of Standard Webhooks, with a
// signature by each of our secrets, and the Sonix dialect's X-Webhook-Signature
// by the caller's secret alone.
func sign(s secrets, id string, at time.Time, body []byte) (map[string]string, error) {
	stamp := strconv.FormatInt(at.Unix(), 10)
	headers := map[string]string{"webhook-id": id, "webhook-timestamp": stamp}
	var list []string
	for _, secret := range s.own {
		text, ok := strings.CutPrefix(secret, secretPrefix)
		key, err := base64.StdEncoding.DecodeString(text)
		if !ok || err != nil {
			return nil, errors.New("webhook: a secret that is not ours")
		}
		list = append(list, "v1,"+base64.StdEncoding.EncodeToString(digest(key, []byte(id+"."+stamp+"."), body)))
	}
	if len(list) > 0 {
		headers["webhook-signature"] = strings.Join(list, " ")
	}
	if s.given != "" {
		headers["X-Webhook-Signature"] = hex.EncodeToString(digest([]byte(s.given), body))
	}
	return headers, nil
}

func digest(key []byte, parts ...[]byte) []byte {
	mac := hmac.New(sha256.New, key)
	for _, p := range parts {
		mac.Write(p)
	}
	return mac.Sum(nil)
}

// The ids that a webhook's secrets are sealed for.
func signingID(webhook string) string { return "webhook/" + webhook }
func givenID(webhook string) string   { return "webhook/" + webhook + "/given" }

// open returns the secrets that sign now.
func open(ctx context.Context, seal Sealer, w Webhook, now time.Time) (s secrets, err error) {
	sealed := []string{w.Signing}
	for _, p := range w.Previous {
		if now.Before(p.Until) {
			sealed = append(sealed, p.Sealed)
		}
	}
	for _, text := range sealed {
		secret, _, err := seal.Open(ctx, text, signingID(w.ID))
		if err != nil {
			return s, err
		}
		s.own = append(s.own, secret)
	}
	if w.Secret != "" {
		s.given, _, err = seal.Open(ctx, w.Secret, givenID(w.ID))
	}
	return s, err
}

// reseal seals anew what another key than the current one has sealed, and
// reports whether there was any.
func reseal(ctx context.Context, seal Sealer, w Webhook) (Webhook, bool, error) {
	previous := append([]Previous(nil), w.Previous...)
	texts := map[*string]string{&w.Signing: signingID(w.ID)}
	for i := range previous {
		texts[&previous[i].Sealed] = signingID(w.ID)
	}
	if w.Secret != "" {
		texts[&w.Secret] = givenID(w.ID)
	}
	changed := false
	for text, id := range texts {
		secret, stale, err := seal.Open(ctx, *text, id)
		if err != nil {
			return w, false, err
		}
		if stale {
			if *text, err = seal.Seal(ctx, secret, id); err != nil {
				return w, false, err
			}
			changed = true
		}
	}
	w.Previous = previous
	return w, changed, nil
}
