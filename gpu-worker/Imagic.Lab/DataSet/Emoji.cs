namespace Imagic.Lab.DataSet;

/// <summary>One emoji as Unicode's CLDR knows it.</summary>
/// <param name="CodePoints">See <see cref="DataSet.CodePoints"/>.</param>
/// <param name="Name">CLDR's short name, such as "waving hand: light skin tone".</param>
/// <param name="BaseName">The name without skin tones: what a held-out pair names.</param>
/// <param name="Keywords">CLDR's keywords; those of the emoji without skin tone.</param>
/// <param name="Group">Such as "animals-nature".</param>
public sealed record Emoji(string CodePoints, string Name, string BaseName, IReadOnlyList<string> Keywords, string Group);
