package ort

import (
	"debug/elf"
	"debug/macho"
	"debug/pe"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
)

// vet errs on a file that is surely not ONNX Runtime's library for this
// platform. Loading a file runs code of it, and the system's loader trusts what
// it maps: it would crash on one that was cut short.
func vet(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return &MissingError{[]string{path}, "there is no such file"}
	}
	if !info.Mode().IsRegular() {
		return &LibraryError{path, "it is no file"}
	}
	f, err := os.Open(path)
	if err != nil {
		return &LibraryError{path, err.Error()}
	}
	defer f.Close()
	check := vetELF
	switch runtime.GOOS {
	case "darwin":
		check = vetMachO
	case "windows":
		check = vetPE
	}
	if err := check(f, info.Size()); err != nil {
		return &LibraryError{path, err.Error()}
	}
	return nil
}

func vetELF(r io.ReaderAt, size int64) error {
	f, err := elf.NewFile(r)
	if err != nil {
		return fmt.Errorf("it is no shared library, or cut short")
	}
	machines := map[string]elf.Machine{"amd64": elf.EM_X86_64, "arm64": elf.EM_AARCH64}
	if f.Type != elf.ET_DYN || f.Class != elf.ELFCLASS64 || f.Machine != machines[runtime.GOARCH] {
		return fmt.Errorf("it is no shared library for %s", runtime.GOARCH)
	}
	for _, p := range f.Progs {
		if p.Type == elf.PT_LOAD && (p.Off > uint64(size) || p.Filesz > uint64(size)-p.Off) {
			return fmt.Errorf("it is cut short")
		}
	}
	symbols, err := f.DynamicSymbols()
	if err != nil {
		return nil // the loader may know without a table of sections
	}
	if !slices.ContainsFunc(symbols, func(s elf.Symbol) bool { return s.Name == entryPoint && s.Section != elf.SHN_UNDEF }) {
		return errForeign
	}
	return nil
}

var errForeign = fmt.Errorf("it is another library: it has no %s", entryPoint)

func vetMachO(r io.ReaderAt, size int64) error {
	machines := map[string]macho.Cpu{"amd64": macho.CpuAmd64, "arm64": macho.CpuArm64}
	if fat, err := macho.NewFatFile(r); err == nil {
		for _, arch := range fat.Arches {
			if arch.Cpu == machines[runtime.GOARCH] {
				return vetImage(arch.File, int64(arch.Size))
			}
		}
		return fmt.Errorf("it is no shared library for %s", runtime.GOARCH)
	}
	f, err := macho.NewFile(r)
	if err != nil {
		return fmt.Errorf("it is no shared library")
	}
	if f.Cpu != machines[runtime.GOARCH] {
		return fmt.Errorf("it is no shared library for %s", runtime.GOARCH)
	}
	return vetImage(f, size)
}

func vetImage(f *macho.File, size int64) error {
	if f.Type != macho.TypeDylib {
		return fmt.Errorf("it is no shared library")
	}
	for _, load := range f.Loads {
		if s, ok := load.(*macho.Segment); ok && (s.Offset > uint64(size) || s.Filesz > uint64(size)-s.Offset) {
			return fmt.Errorf("it is cut short")
		}
	}
	if f.Symtab != nil && !slices.ContainsFunc(f.Symtab.Syms, func(s macho.Symbol) bool { return s.Name == "_"+entryPoint && s.Sect != 0 }) {
		return errForeign
	}
	return nil
}

func vetPE(r io.ReaderAt, size int64) error {
	f, err := pe.NewFile(r)
	if err != nil || f.Characteristics&pe.IMAGE_FILE_DLL == 0 {
		return fmt.Errorf("it is no library")
	}
	machines := map[string]uint16{"amd64": pe.IMAGE_FILE_MACHINE_AMD64, "arm64": pe.IMAGE_FILE_MACHINE_ARM64}
	if f.Machine != machines[runtime.GOARCH] {
		return fmt.Errorf("it is no library for %s", runtime.GOARCH)
	}
	for _, s := range f.Sections {
		if int64(s.Offset)+int64(s.Size) > size {
			return fmt.Errorf("it is cut short")
		}
	}
	return nil
}

// isPath tells a path from a name that the system looks up.
func isPath(candidate string) bool { return filepath.Base(candidate) != candidate }
