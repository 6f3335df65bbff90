using System.Collections.Immutable;
using Imagic.Contracts.Edits;
using Imagic.Contracts.Settings;

namespace Imagic.Contracts.Models;

/// <summary>A model that edits may name.</summary>
/// <param name="Name">What edits ask for.</param>
/// <param name="IsDefault">Whether it is taken where none is named.</param>
/// <param name="Profile">The profile that an edit takes when it names none.</param>
/// <param name="Side">Side of the square that it was trained on, in pixels.</param>
/// <param name="Examples">Target texts that suit it, as its package has them; may be empty.</param>
/// <param name="About">What it knows, in a sentence; absent where its package does not say.</param>
public sealed record ModelView(string Name, bool IsDefault, string Profile, int Side, ImmutableArray<string> Examples, string? About = null);

/// <summary>A named set of numbers that edits start from.</summary>
/// <param name="Name">What edits ask for.</param>
/// <param name="Source">Where its numbers come from.</param>
/// <param name="Side">Side of the square that its models are trained on, in pixels.</param>
/// <param name="Settings">All its numbers, with an empty target text.</param>
public sealed record ProfileView(string Name, string Source, int Side, EditSettings Settings);

/// <summary>How much one edit may ask for.</summary>
/// <param name="Pictures">Pictures: seeds × strengths, 0 among them.</param>
/// <param name="TextLength">Characters of a text.</param>
/// <param name="UploadBytes">Bytes of a picture's file.</param>
/// <param name="Passes">What it may compute, see <see cref="EditCost"/>; absent where there is no limit.</param>
public sealed record EditLimits(int Pictures, int TextLength, long UploadBytes, double? Passes = null);

/// <summary>What edits may be made of.</summary>
/// <param name="Models">The one that is taken by default first.</param>
/// <param name="Profiles">By name.</param>
/// <param name="Limits">Of one edit.</param>
public sealed record ModelList(ImmutableArray<ModelView> Models, ImmutableArray<ProfileView> Profiles, EditLimits Limits);
