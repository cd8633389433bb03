package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"latchkey/infra/local/grant"
	"latchkey/infra/local/inbox"
	"latchkey/infra/local/template"
	"latchkey/shared/account"
	"latchkey/shared/store"
	"latchkey/shared/table/dynamo"
)

// endpointHost is this machine's name where functions run that the runner
// does not: "sam local" gives it to their containers. URLs that they presign
// have it too, and browsers take every *.localhost for their own machine.
const endpointHost = "stack.localhost"

// hostsIn returns this machine's addresses in a network. There is none where
// containers are in another machine, whose engine brings them to loopback.
func hostsIn(network netip.Prefix) (hosts []string, err error) {
	own, err := net.InterfaceAddrs()
	if err != nil {
		return nil, fmt.Errorf("LATCHKEY_SERVE: %w", err)
	}
	for _, a := range own {
		if p, err := netip.ParsePrefix(a.String()); err == nil && network.Contains(p.Addr()) && !p.Addr().IsLoopback() {
			hosts = append(hosts, p.Addr().String())
		}
	}
	return hosts, nil
}

// leave makes room for functions that run elsewhere: S3 goes behind the
// endpoint that is theirs for all of AWS. There is no queue, since nobody
// here could take what it holds.
func (st *stack) leave(set settings) error {
	st.Endpoint = "http://" + endpointHost + ":" + set.s3Port
	st.InboxURL = "http://127.0.0.1:" + set.s3Port + inbox.Path
	l, err := net.Listen("tcp", "127.0.0.1:0") // versitygw does not tell which port it got
	if err != nil {
		return err
	}
	st.S3URL = "http://" + l.Addr().String()
	return l.Close()
}

// wireEndpoints serves what functions stand on, and leaves a file that tells
// "sam local" (--env-vars) what to tell them.
func wireEndpoints(ctx context.Context, p parts) (w wired, err error) {
	c, err := openCloud(ctx, p)
	if err != nil {
		return wired{}, err
	}
	w.endpoints = grant.Proxy{ // SES comes before it, see stack.handler
		Recorder: &grant.Recorder{}, Names: c.names(), Turn: &sync.Mutex{},
		DynamoDB: p.DynamoDB, S3: mustURL(p.S3URL), Secrets: c.secrets(),
	}.Handler()
	if err := c.tell(); err != nil {
		return wired{}, err
	}
	t := dynamo.New(c.client, c.name, store.Schema(), nil)
	d := domain{parts: p, accounts: &account.Service{Store: store.Accounts{Table: t, Now: time.Now}, Now: time.Now}}
	w.adminKey, err = d.demo(ctx)
	return w, err
}

// tell writes env-vars.json: each function's variables, as template.yaml
// declares them.
func (c cloud) tell() error {
	functions, err := template.Functions(c.Template, c.values())
	if err != nil {
		return err
	}
	all := map[string]map[string]string{}
	for id, f := range functions {
		for name := range f.Variables {
			if strings.HasPrefix(name, "AWS_ENDPOINT_URL_") {
				f.Variables[name] = c.Endpoint
			}
		}
		all[id] = f.Variables
	}
	b, err := json.MarshalIndent(all, "", "  ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(c.Data, "env-vars.json"), append(b, '\n'), 0o600); err != nil {
		return fmt.Errorf("env-vars.json: %w", err)
	}
	return nil
}

// forget removes the demo organization's key, which was in a table that is
// gone.
func (p parts) forget() error {
	if err := os.Remove(filepath.Join(p.Data, "admin.key")); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("demo: %w", err)
	}
	return nil
}
