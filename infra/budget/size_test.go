package budget

import (
	"bufio"
	"debug/elf"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"testing"
)

// buildFlags takes the flags of the deployed build from the Makefile, so that
// what is measured is what is deployed.
func buildFlags(t *testing.T) []string {
	t.Helper()
	m := regexp.MustCompile(`CGO_ENABLED=0 .* go build (-trimpath .*) -o `).FindStringSubmatch(readFile(t, "Makefile"))
	if m == nil {
		t.Fatal("the Makefile does not build the functions as expected")
	}
	var flags []string
	for _, f := range regexp.MustCompile(`'[^']*'|\S+`).FindAllString(m[1], -1) {
		flags = append(flags, strings.Trim(f, "'"))
	}
	return flags
}

// build builds one function with the deployed flags and returns the binary's
// path.
func build(t *testing.T, name, system, arch string) string {
	t.Helper()
	bin := filepath.Join(t.TempDir(), "bootstrap")
	args := append([]string{"build"}, buildFlags(t)...)
	cmd := exec.Command("go", append(args, "-o", bin, "./functions/"+name)...)
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS="+system, "GOARCH="+arch)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return bin
}

func TestSizes(t *testing.T) {
	for name, b := range budgets {
		t.Run(name, func(t *testing.T) {
			bin := build(t, name, "linux", "arm64")
			info, err := os.Stat(bin)
			if err != nil {
				t.Fatal(err)
			}
			if size := float64(info.Size()) / 1e6; size > b.megabytes {
				t.Errorf("%.2f MB, at most %.1f", size, b.megabytes)
			} else {
				t.Logf("%.2f MB of %.1f", size, b.megabytes)
			}
			file, err := elf.Open(bin)
			if err != nil {
				t.Fatal(err)
			}
			defer file.Close()
			if file.Machine != elf.EM_AARCH64 {
				t.Errorf("built for %v, want arm64", file.Machine)
			}
		})
	}
}

func TestInit(t *testing.T) {
	for name, b := range budgets {
		t.Run(name, func(t *testing.T) {
			bin := build(t, name, runtime.GOOS, runtime.GOARCH)
			if got := float64(initAllocation(t, bin)) / 1e6; got > b.init {
				t.Errorf("init allocates %.2f MB, at most %.1f", got, b.init)
			} else {
				t.Logf("init allocates %.2f MB of %.1f", got, b.init)
			}
		})
	}
}

// initAllocation runs a function outside Lambda, where main ends at once for
// want of configuration, and adds up what the runtime says of each init.
func initAllocation(t *testing.T, bin string) (total int) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), bin)
	cmd.Env = []string{"GODEBUG=inittrace=1"}
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	spent := regexp.MustCompile(`^init \S+ @.* (\d+) bytes, \d+ allocs$`)
	seen := 0
	for s := bufio.NewScanner(stderr); s.Scan(); {
		if m := spent.FindStringSubmatch(s.Text()); m != nil {
			n, _ := strconv.Atoi(m[1])
			total += n
			seen++
		}
	}
	if err := cmd.Wait(); err == nil {
		t.Error("the function ended well without configuration")
	}
	if seen == 0 {
		t.Fatal("no line of GODEBUG=inittrace=1 was understood")
	}
	return total
}
