using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

/// <summary>
/// Copies libLibTorchSharp.so so that the copy needs version GLIBCXX_3.4 of libstdc++ only. Compiled by MSBuild, against
/// .NET Standard 2.0.
/// </summary>
/// <remarks>
/// The file needs GLIBCXX_3.4.32 for one symbol, which GCC 13 and later call to initialise iostreams. Where they call it,
/// older compilers call the constructor of std::ios_base::Init, which every libstdc++ exports; it does the same, and the
/// object it gets as "this" has no fields. So the symbol takes that name, which is shorter, and that version.
/// </remarks>
public sealed class LowerLibstdcxxVersion : Task
{
    private const string Library = "libstdc++.so.6";
    private const string NewVersion = "GLIBCXX_3.4.32", OldVersion = "GLIBCXX_3.4";
    private const string NewSymbol = "_ZSt21ios_base_library_initv", OldSymbol = "_ZNSt8ios_base4InitC1Ev";

    [Required]
    public string Source { get; set; }

    [Required]
    public string Destination { get; set; }

    public override bool Execute()
    {
        try
        {
            var elf = new ElfFile(File.ReadAllBytes(Source));
            Lower(elf);
            Directory.CreateDirectory(Path.GetDirectoryName(Destination));
            var unfinished = $"{Destination}.{Guid.NewGuid():N}";
            File.WriteAllBytes(unfinished, elf.Bytes);
            // Projects are built side by side, and all want this one file: it is there whole or not at all.
            if (rename(unfinished, Destination) != 0) throw new IOException($"'{unfinished}' cannot be renamed to '{Destination}'.");
            return true;
        }
        catch (InvalidDataException exception)
        {
            Log.LogError(
                $"'{Source}' cannot be made to load here: {exception.Message} This system's {Library} lacks {NewVersion}, and the "
                + "build knows only how TorchSharp 0.107.0 can do without. Build on a system with GCC 13's libstdc++ or newer "
                + "(Ubuntu 24.04, Debian 13), or use that version of TorchSharp.");
            return false;
        }
    }

    private static void Lower(ElfFile elf)
    {
        var needed = elf.NeededVersions().Where(version => version.Library == Library).ToList();
        var newer = Single(needed.Where(version => version.Name == NewVersion), $"needs of {NewVersion}");
        var older = Single(needed.Where(version => version.Name == OldVersion), $"needs of {OldVersion}");
        var symbol = Single(elf.SymbolsOf(newer), $"symbols of {NewVersion}");
        if (elf.NameOf(symbol) != NewSymbol) throw new InvalidDataException($"It needs {elf.NameOf(symbol)} of {NewVersion}.");

        elf.Rename(symbol, OldSymbol);
        elf.SetVersion(symbol, older);
        elf.Replace(newer, older);
    }

    private static T Single<T>(IEnumerable<T> found, string what)
    {
        var list = found.ToList();
        return list.Count == 1 ? list[0] : throw new InvalidDataException($"It has {list.Count} {what} where one is expected.");
    }

    [DllImport("libc", SetLastError = true)]
    private static extern int rename(string from, string to);
}

/// <summary>One version of a library that a file needs: an Elf64_Vernaux.</summary>
internal sealed class NeededVersion
{
    public long Position;
    public string Library, Name;
    public uint Hash, NamePosition;
    public ushort Index;
}

/// <summary>What the linker reads of a 64-bit little-endian ELF file: its dynamic symbols and the versions they need.</summary>
internal sealed class ElfFile
{
    private const int SymbolSize = 24; // Elf64_Sym

    private readonly Dictionary<string, (long Start, long Size)> sections = new Dictionary<string, (long, long)>();

    public ElfFile(byte[] bytes)
    {
        Bytes = bytes;
        if (UInt32(0) != 0x464C457F || UInt16(4) != 0x0102) throw new InvalidDataException("It is no 64-bit little-endian ELF file.");
        long table = Int64(0x28);
        int size = UInt16(0x3A), count = UInt16(0x3C), names = UInt16(0x3E);
        var namesStart = Int64(table + (long)names * size + 0x18);
        for (var i = 0; i < count; i++)
        {
            var header = table + (long)i * size;
            sections[Text(namesStart + UInt32(header))] = (Int64(header + 0x18), Int64(header + 0x20));
        }
    }

    public byte[] Bytes { get; }

    public IEnumerable<NeededVersion> NeededVersions()
    {
        for (long file = Section(".gnu.version_r").Start, toNext = -1; toNext != 0; file += toNext)
        {
            var version = file + UInt32(file + 8);
            for (var left = UInt16(file + 2); left > 0; left--)
            {
                yield return new NeededVersion
                {
                    Position = version,
                    Library = String(UInt32(file + 4)),
                    Hash = UInt32(version),
                    Index = UInt16(version + 6),
                    NamePosition = UInt32(version + 8),
                    Name = String(UInt32(version + 8)),
                };
                version += UInt32(version + 12);
            }

            toNext = UInt32(file + 12);
        }
    }

    public IEnumerable<int> SymbolsOf(NeededVersion version) =>
        Enumerable.Range(0, (int)(Section(".dynsym").Size / SymbolSize)).Where(symbol => UInt16(VersionOf(symbol)) == version.Index);

    public string NameOf(int symbol) => String(UInt32(EntryOf(symbol)));

    /// <summary>Writes the name over the old one, which must not be shorter.</summary>
    public void Rename(int symbol, string name)
    {
        if (name.Length > NameOf(symbol).Length) throw new InvalidDataException($"It has no room for the name {name}.");
        Write(Section(".dynstr").Start + UInt32(EntryOf(symbol)), Encoding.ASCII.GetBytes(name + '\0'));
    }

    public void SetVersion(int symbol, NeededVersion version) => Write(VersionOf(symbol), BitConverter.GetBytes(version.Index));

    /// <summary>Makes the need of one version a second need of another.</summary>
    public void Replace(NeededVersion version, NeededVersion by)
    {
        Write(version.Position, BitConverter.GetBytes(by.Hash));
        Write(version.Position + 8, BitConverter.GetBytes(by.NamePosition));
    }

    private long EntryOf(int symbol) => Section(".dynsym").Start + (long)symbol * SymbolSize;

    private long VersionOf(int symbol) => Section(".gnu.version").Start + (long)symbol * sizeof(ushort);

    private (long Start, long Size) Section(string name) =>
        sections.TryGetValue(name, out var section) ? section : throw new InvalidDataException($"It has no section {name}.");

    private string String(uint position) => Text(Section(".dynstr").Start + position);

    private string Text(long start)
    {
        Check(start, 1);
        var end = Array.IndexOf(Bytes, (byte)0, (int)start);
        return end < 0 ? throw new InvalidDataException("It ends within a name.") : Encoding.ASCII.GetString(Bytes, (int)start, end - (int)start);
    }

    private ushort UInt16(long at) => BitConverter.ToUInt16(Bytes, Check(at, sizeof(ushort)));

    private uint UInt32(long at) => BitConverter.ToUInt32(Bytes, Check(at, sizeof(uint)));

    private long Int64(long at) => BitConverter.ToInt64(Bytes, Check(at, sizeof(long)));

    private void Write(long at, byte[] value) => value.CopyTo(Bytes, Check(at, value.Length));

    private int Check(long at, int length) =>
        at >= 0 && at <= Bytes.Length - length ? (int)at : throw new InvalidDataException("It ends before what it refers to.");
}
