// Package s3 runs versitygw inside this process: a real S3 on disk, with
// signatures that are checked and presigned URLs that expire. It refuses to
// know what is stored; it reports each object that came into being and
// nothing else.
//
// Two facts about versitygw bind whoever starts it. Only one instance may run
// in a process, because it keeps global state. And its storage changes the
// process's working directory to the data folder and needs it to stay there:
// resolve every relative path before Start.
package s3

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/versity/versitygw/auth"
	"github.com/versity/versitygw/backend"
	"github.com/versity/versitygw/backend/meta"
	"github.com/versity/versitygw/backend/posix"
	"github.com/versity/versitygw/s3api"
	"github.com/versity/versitygw/s3api/middlewares"
)

const (
	// maxRequests is what one machine's developers and tests ever need at once;
	// versitygw answers 503 SlowDown above it.
	maxRequests = 1024
	// maxParts and maxCopy are S3's own limits (User Guide, "Multipart upload
	// limits" and CopyObject). Without maxCopy versitygw refuses every copy.
	maxParts = 10_000
	maxCopy  = 5 << 30
	// startTimeout bounds the wait for the listener.
	startTimeout = 10 * time.Second
)

// Config says where the server listens and what it keeps.
type Config struct {
	Addr       string // host:port to listen on, e.g. "127.0.0.1:3001"
	Dir        string // made if absent; everything is kept below it
	Bucket     string // made if absent
	AccessKey  string
	SecretKey  string
	Region     string
	CORSOrigin string // origin whose pages may upload to and read from the bucket, or "" for none

	// OnCreated is called after an object was stored and before the client is
	// told, from many goroutines at once. Storing again calls it again.
	OnCreated func(Created)
}

// Created says that an object came into being.
type Created struct {
	Bucket, Key string
	Size        int64
	ETag        string // without quotes
	Reason      string // as EventBridge names it: "PutObject", "POST Object", "CopyObject", "CompleteMultipartUpload"
}

// Server is a running S3.
type Server struct {
	api    *s3api.S3ApiServer
	store  backend.Backend
	iam    auth.IAMService
	served chan error
}

// Start listens, makes the bucket with its CORS rules if needed, and returns
// once requests are answered. A port in use is a syscall.EADDRINUSE. ctx
// bounds the start only; end the server with Close.
func Start(ctx context.Context, c Config) (*Server, error) {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	s, listening, err := build(c)
	if err != nil {
		return nil, err
	}
	// versitygw opens its own listener; trying the address first yields the
	// system's error instead of a text.
	if err := probe(ctx, c.Addr); err != nil {
		return nil, err
	}
	go func() { s.served <- s.api.ServeMultiPort([]string{c.Addr}) }()
	select {
	case <-listening:
	case err := <-s.served:
		return nil, fmt.Errorf("s3: %w", err)
	case <-ctx.Done():
		return nil, fmt.Errorf("s3: start: %w", ctx.Err())
	}
	if err := prepare(ctx, c); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// closeTime is what connections get to end by themselves: browsers and
// clients keep spare ones open that never will.
const closeTime = 2 * time.Second

// Close stops listening, lets requests in flight end for closeTime and
// releases the store. No object is half written after it: versitygw links an
// object into place only when it is complete.
func (s *Server) Close() error {
	ended := make(chan error, 1)
	go func() { ended <- s.api.ShutDown() }()
	var err error
	select {
	case err = <-ended:
	case <-time.After(closeTime):
	}
	s.store.Shutdown()
	if err := errors.Join(err, s.iam.Shutdown()); err != nil {
		return fmt.Errorf("s3: close: %w", err)
	}
	return nil
}

func build(c Config) (*Server, <-chan struct{}, error) {
	store, err := open(c.Dir)
	if err != nil {
		return nil, nil, err
	}
	watched := &watch{Backend: store, created: c.OnCreated, objects: objectsIn(c.Dir)}
	iam := auth.NewIAMServiceSingle(auth.Account{Access: c.AccessKey, Secret: c.SecretKey, Role: auth.RoleAdmin})
	listening := make(chan struct{})
	api, err := s3api.New(watched, middlewares.RootUserConfig{Access: c.AccessKey, Secret: c.SecretKey}, c.Region,
		iam, nil, nil, nil, nil,
		s3api.WithQuiet(),
		s3api.WithKeepAlive(),
		s3api.WithDisableACL(),
		s3api.WithMpMaxParts(maxParts),
		s3api.WithConcurrencyLimiter(maxRequests, maxRequests),
		s3api.WithOnListen(func() { close(listening) }))
	if err != nil {
		return nil, nil, fmt.Errorf("s3: %w", err)
	}
	return &Server{api: api, store: store, iam: iam, served: make(chan error, 1)}, listening, nil
}

func objectsIn(dir string) string { return filepath.Join(dir, "objects") }

// open returns the storage below dir: objects beside their metadata in
// extended attributes or, where the file system has none, in files of their
// own. The choice is kept by the folder "meta": data written one way stays
// readable when the other becomes possible.
func open(dir string) (backend.Backend, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("s3: %w", err)
	}
	objects, side := objectsIn(dir), filepath.Join(dir, "meta")
	if err := os.MkdirAll(objects, 0o700); err != nil {
		return nil, fmt.Errorf("s3: %w", err)
	}
	opts := posix.PosixOpts{CopyObjectThreshold: maxCopy}
	opts.SetNewDirPerm(0o700)
	opts.SetNewFilePerm(0o600)
	store, err := metadata(objects, side)
	if err != nil {
		return nil, fmt.Errorf("s3: %w", err)
	}
	if _, ok := store.(meta.SideCar); ok {
		opts.SideCarDir = side
	}
	p, err := posix.New(objects, store, opts)
	if err != nil {
		return nil, fmt.Errorf("s3: %w", err)
	}
	return p, nil
}

func metadata(objects, side string) (meta.MetadataStorer, error) {
	_, err := os.Stat(side)
	if err != nil && hasXattrs(objects) {
		return meta.XattrMeta{}, nil
	}
	if err := os.MkdirAll(side, 0o700); err != nil {
		return nil, err
	}
	return meta.NewSideCar(side)
}

// hasXattrs writes one: reading alone is allowed on file systems that refuse
// to write (tmpfs before Linux 6.6, some network mounts).
func hasXattrs(dir string) bool {
	f, err := os.CreateTemp(dir, ".probe")
	if err != nil {
		return false
	}
	defer os.Remove(f.Name())
	defer f.Close()
	return meta.XattrMeta{}.StoreAttribute(f, "", "", "probe", []byte("1")) == nil
}

func probe(ctx context.Context, addr string) error {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	if err != nil {
		return fmt.Errorf("s3: %w", err)
	}
	return l.Close()
}
