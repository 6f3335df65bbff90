using System.Collections.Frozen;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Imagic.Contracts;

/// <summary>
/// How the values of an enum are spelled outside the program: in JSON, paths, queue names, messages and on the command
/// line. That is <see cref="JsonStringEnumMemberNameAttribute"/>, or else the name in the source.
/// </summary>
public static class EnumNames
{
    /// <summary>Name of a value.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is none of the enum's.</exception>
    public static string Name<T>(this T value)
        where T : struct, Enum => Of<T>.Names.TryGetValue(value, out var name)
            ? name
            : throw new ArgumentOutOfRangeException(nameof(value), value, $"not a {typeof(T).Name}");

    /// <summary>All names in the order of the values.</summary>
    public static IReadOnlyList<string> All<T>()
        where T : struct, Enum => Of<T>.InOrder;

    /// <summary>All names for a sentence, separated by commas.</summary>
    public static string List<T>()
        where T : struct, Enum => string.Join(", ", Of<T>.InOrder);

    /// <summary>Reads what <see cref="Name"/> writes.</summary>
    public static bool TryParse<T>(string? name, out T value)
        where T : struct, Enum
    {
        value = default;
        return name is not null && Of<T>.Values.TryGetValue(name, out value);
    }

    /// <summary>Refuses a number that was read in place of a name.</summary>
    /// <exception cref="JsonException">It stands for no value.</exception>
    public static void CheckRead<T>(T value)
        where T : struct, Enum
    {
        if (!Of<T>.Names.ContainsKey(value)) throw new JsonException($"{value} is no {typeof(T).Name}; there are {List<T>()}.");
    }

    private static class Of<T>
        where T : struct, Enum
    {
        public static readonly FrozenDictionary<T, string> Names = Enum.GetValues<T>().ToFrozenDictionary(value => value, Spell);

        public static readonly FrozenDictionary<string, T> Values = Names.ToFrozenDictionary(pair => pair.Value, pair => pair.Key, StringComparer.Ordinal);

        public static readonly string[] InOrder = [.. Enum.GetValues<T>().Select(value => Names[value])];

        private static string Spell(T value)
        {
            var declared = Enum.GetName(value)!;
            return typeof(T).GetField(declared)!.GetCustomAttribute<JsonStringEnumMemberNameAttribute>()?.Name ?? declared;
        }
    }
}
