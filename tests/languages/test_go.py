"""Go with `go test`: what does not compile is found test by test, and each test runs by itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from headwater.v1 import generate_tests_pb2 as pb
from tests.fakes.vendors import fake_vendors
from tests.languages.asking import Told, ask, command, finished, says, serving

CART = """\
package cart

import "errors"

// Total adds prices up.
func Total(prices []float64) (float64, error) {
	sum := 0.0
	for _, price := range prices {
		if price < 0 {
			return 0, errors.New("negative")
		}
		sum += price
	}
	if sum > 100 {
		return sum * 0.9, nil
	}
	return sum, nil
}
"""
HEAD = """```go
package cart_test

import (
	"os"
	"testing"

	"example.com/shop/cart"
)

func same(t *testing.T, got, want float64) {
	t.Helper()
	if got != want {
		t.Errorf("got %v, want %v", got, want)
	}
}
"""
GOOD = """
func TestTotalAddsPrices(t *testing.T) {
	got, err := cart.Total([]float64{1, 2})
	if err != nil {
		t.Fatal(err)
	}
	same(t, got, 3)
}

func TestTotalRefusesNegativePrices(t *testing.T) {
	if _, err := cart.Total([]float64{-1}); err == nil || !strings.Contains(err.Error(), "negative") {
		t.Errorf("got %v", err)
	}
}
"""
BAD = """
func TestWrong(t *testing.T) {
	got, _ := cart.Total(nil)
	same(t, got, 4)
}

func TestDoesNotCompile(t *testing.T) {
	unused := 3
	if cart.Totals(nil) != 0 {
		t.Error("no")
	}
}

func TestVetRefuses(t *testing.T) {
	if got, _ := cart.Total(nil); got != 0 {
		t.Errorf("got %d", got)
	}
}

func TestDoesNotParse(t *testing.T) {
	if ( {
}

func TestHangs(t *testing.T) {
	for {
		cart.Total(nil)
	}
}

func TestPanics(t *testing.T) {
	var known map[string]int
	known["a"] = 1
}

func TestExits(t *testing.T) {
	os.Exit(0)
}

func TestTotalGivesDiscount(t *testing.T) {
	got, _ := cart.Total([]float64{200})
	same(t, got, 180)
}
"""
LIMITS = pb.GenerateTestsLimits(budget={"seconds": 60}, test_timeout={"seconds": 1})


def names_below(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*"))


async def run(monkeypatch: pytest.MonkeyPatch, answer: str, *roots: Path, **source: str) -> Told:
    async with serving(monkeypatch, *roots) as (local, vendors):
        vendors.play = says(answer)
        return await ask(local, source=pb.Source(**source), limits=LIMITS)


async def test_bad_tests_cost_no_good_ones(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, go: str) -> None:
    """Faults of the compiler, failures, panics, exits and loops are each one test's; the file that is left passes."""
    told = await run(monkeypatch, f"{HEAD}{GOOD}{BAD}```", path="cart.go", content=CART)
    assert told.names == ["TestTotalAddsPrices", "TestTotalRefusesNegativePrices", "TestTotalGivesDiscount"], told.error
    verdicts = {name: each.verdict for name, each in told.dropped.items()}
    assert verdicts["TestWrong"] == verdicts["TestDoesNotCompile"] == verdicts["TestPanics"] == pb.VERDICT_FAILED
    assert "go vet" in told.dropped["TestVetRefuses"].reason
    assert verdicts["TestExits"] == pb.VERDICT_FAILED
    assert verdicts["TestHangs"] == pb.VERDICT_TIMEOUT
    assert "undefined: Totals" in told.dropped["TestDoesNotCompile"].reason
    assert "assignment to entry in nil map" in told.dropped["TestPanics"].reason
    assert any("TestDoesNotParse" in each.test_code for each in told.complete.dropped)
    complete = told.complete
    assert (complete.language, complete.test_file_name) == ("go", "cart_test.go")
    assert (complete.coverage_estimate.combined, complete.coverage_estimate.formula) == (100, "go cover")
    assert '"strings"' in complete.output
    assert "cart_test" not in complete.output
    (tmp_path / "go.mod").write_text("module example.com/shop/cart\n\ngo 1.20\n")
    (tmp_path / "cart.go").write_text(CART)
    (tmp_path / "cart_test.go").write_text(complete.output)
    code, said = await finished(go, "test", ".", cwd=tmp_path, CGO_ENABLED="0")
    assert code == 0, said


async def test_a_package_of_a_module_is_tested_in_its_place(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, go: str
) -> None:
    """The module's other packages are there, the folder is not written to, and a test file that exists is kept."""
    (tmp_path / "cart").mkdir()
    (tmp_path / "money").mkdir()
    (tmp_path / "go.mod").write_text("module example.com/shop\n\ngo 1.20\n")
    (tmp_path / "money" / "money.go").write_text("package money\n\nfunc Negative(n float64) bool { return n < 0 }\n")
    source = CART.replace('import "errors"', 'import (\n\t"errors"\n\n\t"example.com/shop/money"\n)')
    source = source.replace("price < 0", "money.Negative(price)")
    (tmp_path / "cart" / "cart.go").write_text(source)
    (tmp_path / "cart" / "cart_test.go").write_text("package cart\n")
    before = names_below(tmp_path)
    told = await run(monkeypatch, f"{HEAD}{GOOD}```", tmp_path, root=str(tmp_path), path="cart/cart.go")
    assert told.names == ["TestTotalAddsPrices", "TestTotalRefusesNegativePrices"], told.error
    assert told.complete.test_file_name == "cart_generated_test.go"
    assert names_below(tmp_path) == before


async def test_a_package_that_does_not_compile_is_told(monkeypatch: pytest.MonkeyPatch, go: str) -> None:
    """The error holds what the compiler says, and how what is required gets in."""
    source = CART.replace('"errors"', '"example.com/not/here"').replace("errors.New", "here.New")
    told = await run(monkeypatch, f"{HEAD}{GOOD}```", path="cart.go", content=source)
    assert told.error.reason == "MODULE_NOT_IMPORTABLE"
    assert "example.com/not/here" in told.error.message
    assert "go mod vendor" in told.error.remedy


async def test_without_go_tests_are_unverified(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """They are read, announced as unverified, and the warning names the remedy."""
    monkeypatch.setenv("PATH", str(tmp_path))
    told = await run(monkeypatch, f"{HEAD}{GOOD}```", path="cart.go", content=CART)
    assert told.names == ["TestTotalAddsPrices", "TestTotalRefusesNegativePrices"], told.error
    assert {each.verdict for each in told.tests} == {pb.VERDICT_UNVERIFIED}
    assert [(each.reason, "Install Go" in each.remedy) for each in told.warnings] == [("TESTS_UNVERIFIED", True)]


async def test_the_command_line_writes_a_file_that_passes(tmp_path: Path, go: str) -> None:
    """`headwater tests cart.go` asks the vendor and writes what `go test` then passes."""
    (tmp_path / "cart.go").write_text(CART)
    (tmp_path / "go.mod").write_text("module example.com/shop/cart\n\ngo 1.20\n")
    async with fake_vendors(says(f"{HEAD}{GOOD}```")) as vendors:
        code, said = await command(tmp_path, vendors, "cart.go", "--out", "cart_test.go", "--budget", "60")
    assert code == 0, said
    assert "func TestTotalAddsPrices" in (tmp_path / "cart_test.go").read_text()
    code, said = await finished(go, "test", ".", cwd=tmp_path, CGO_ENABLED="0")
    assert code == 0, said
