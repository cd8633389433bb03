package bolt_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"latchkey/shared/table"
	"latchkey/shared/table/bolt"
	"latchkey/shared/table/tabletest"
)

// killEnv names the file that the child of TestKilled writes to.
const killEnv = "LATCHKEY_TEST_KILL"

func TestMain(m *testing.M) {
	if path := os.Getenv(killEnv); path != "" {
		scribble(path)
	}
	os.Exit(m.Run())
}

// scribble writes until it is killed, and says on standard output what was
// acknowledged. Each commit is an item and a count, kept together.
func scribble(path string) {
	e, err := bolt.Open(path, bolt.Options{Schema: tabletest.Schema()})
	if err != nil {
		fmt.Println("error", err)
		os.Exit(1)
	}
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() { scribbleOne(e, fmt.Sprint(os.Getpid(), "-", g)) })
	}
	wg.Wait()
}

func scribbleOne(e *bolt.Engine, name string) {
	for i := 0; ; i++ {
		sk := name + "-" + strconv.Itoa(i)
		err := e.Commit(context.Background(), sk,
			table.Op{Put: &table.Put{Item: table.Item{table.PK: "p", table.SK: sk, "owner": "o", "made": sk}, If: table.Absent(table.PK)}},
			table.Op{Update: &table.Update{Key: table.Key{PK: "count", SK: "c"}, Add: map[string]int64{"n": 1}}})
		if err != nil {
			fmt.Println("error", err)
			os.Exit(1)
		}
		fmt.Println(sk) // one write call, whole or not at all
	}
}

// A process killed in the middle of its writes has lost nothing that was
// acknowledged, and what is there is whole: items, count, index, changes.
func TestKilled(t *testing.T) {
	path := file(t)
	acknowledged, told := map[string]bool{}, map[string]bool{}
	for round := range 5 {
		for _, sk := range runAndKill(t, path, 100+40*round) {
			acknowledged[sk] = true
		}
		checkWhole(t, path, acknowledged, told)
	}
}

// runAndKill returns what the child acknowledged, of which it was left to do
// n before it was killed.
func runAndKill(t *testing.T, path string, n int) []string {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), killEnv+"="+path)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var lines []string
	r := bufio.NewReader(out)
	for {
		line, err := r.ReadString('\n')
		if err == io.EOF {
			break
		}
		if err != nil || strings.HasPrefix(line, "error") {
			t.Fatal(line, err)
		}
		if lines = append(lines, strings.TrimSpace(line)); len(lines) == n {
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := cmd.Wait(); err == nil || len(lines) < n {
		t.Fatalf("the child ended by itself after %d lines: %v", len(lines), err)
	}
	return lines
}

func checkWhole(t *testing.T, path string, acknowledged, told map[string]bool) {
	t.Helper()
	e := open(t, path, bolt.Options{})
	stored := map[string]bool{}
	for _, it := range all(t, e, table.Query{PK: "p"}) {
		stored[it.String(table.SK)] = true
	}
	for sk := range acknowledged {
		if !stored[sk] {
			t.Errorf("%s was acknowledged and is lost", sk)
		}
	}
	count, err := e.Get(t.Context(), table.Key{PK: "count", SK: "c"}, true)
	if err != nil || count.Int("n") != int64(len(stored)) {
		t.Errorf("%d items, %d counted, error %v", len(stored), count.Int("n"), err)
	}
	if n := len(all(t, e, table.Query{PK: "o", Index: "by-owner"})); n != len(stored) {
		t.Errorf("%d items, %d in the index", len(stored), n)
	}
	for _, c := range drain(t, e, "audit") {
		if c.Old == nil && c.New.String(table.PK) == "p" {
			told[c.New.String(table.SK)] = true
		}
	}
	if d := cmp.Diff(stored, told); d != "" {
		t.Errorf("items and the changes that made them (-stored +told):\n%s", d)
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
}

func all(t *testing.T, e table.Engine, q table.Query) []table.Item {
	t.Helper()
	var items []table.Item
	for {
		page, err := e.Query(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		items = append(items, page.Items...)
		if q.Token = page.Next; q.Token == "" {
			return items
		}
	}
}
