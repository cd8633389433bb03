package latchkey

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"latchkey/shared/account"
	"latchkey/shared/dialect"
	"latchkey/shared/fault"
	"latchkey/shared/ident"
)

type newKey struct {
	name  string
	email string // of whom it acts as, or "" for the caller
	once  dialect.Once
}

func readNewKey(r *http.Request) (n newKey, err error) {
	o, key, err := readPost(r)
	if err != nil {
		return n, err
	}
	if err := unknown(o, "", "name", "email"); err != nil {
		return n, err
	}
	n.once = key
	if n.name, _, err = o.String("name", "name"); err != nil {
		return n, err
	}
	n.email, _, err = o.String("email", "email")
	return n, err
}

// madeKey is a key and its secret form, which is "" in a replay.
type madeKey struct {
	key    account.Key
	secret string
}

func (a API) createKey(ctx context.Context, who account.Principal, n newKey) (madeKey, error) {
	k, secret, err := a.Accounts.CreateKey(ctx, who, n.name, n.email, n.once.By(who.User))
	return madeKey{k, secret}, err
}

func writeNewKey(_ *http.Request, m madeKey) (dialect.Response, error) {
	detail := "Keep the secret now: it is not shown again."
	if m.secret == "" {
		detail = "This key was made by an earlier request with the same Idempotency-Key, " +
			"whose answer showed the secret. If it is lost, delete the key and make another."
	}
	return dialect.JSON(http.StatusCreated, struct {
		Key    keyJSON `json:"key"`
		Secret *string `json:"secret"`
		Detail string  `json:"detail"`
	}{keyOf(m.key), dialect.OrNull(m.secret), detail})
}

func (a API) listKeys(ctx context.Context, who account.Principal, _ struct{}) ([]account.Key, error) {
	return a.Accounts.Keys(ctx, who)
}

func writeKeys(_ *http.Request, keys []account.Key) (dialect.Response, error) {
	return dialect.JSON(http.StatusOK, struct {
		Keys []keyJSON `json:"keys"`
	}{each(keys, keyOf)})
}

// readKeyID refuses what cannot be a key's id before anyone looks for it.
func readKeyID(r *http.Request) (string, error) {
	id, err := readID(r)
	if err == nil && (len(id) > 64 || !ident.IsChars(id, len(id))) {
		err = fault.New(fault.NotFound, "key not found")
	}
	return id, err
}

func writeDeletedKey(_ *http.Request, by time.Time) (dialect.Response, error) {
	return dialect.JSON(http.StatusOK, struct {
		Revoked     bool   `json:"revoked"`
		EffectiveBy *stamp `json:"effective_by"`
		Detail      string `json:"detail"`
	}{true, stampOf(by), fmt.Sprintf("A function that has just seen the key may take it until then, %d seconds at most.", int(account.CacheFor.Seconds()))})
}
