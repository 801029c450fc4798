namespace Gateway.Engine;

/// <summary>An Echo's catalogue entry.</summary>
/// <param name="Note">Non-null where the entry is a guess ("Echo Studio" without a year): what it was taken for.</param>
/// <param name="SocketsAgree">False: several generations answer to this name and their sockets differ, so ask.</param>
public sealed record EchoMatch(EchoModel Model, string? Note, bool SocketsAgree);

/// <summary>Finds a device's entry in the catalogue. Pure; the first entry in the catalogue's order wins among equals.</summary>
public static class CatalogueMatch
{
    /// <summary>
    /// A speaker: by Bluetooth modalias, else by the model (or, where no model is stated, the device's name) against the
    /// entries' patterns, else by vendor for entries that have nothing but one. A stated vendor that contradicts an entry excludes it.
    /// </summary>
    public static SpeakerModel? Speaker(Catalogue catalogue, string? model, string? name, string? vendor = null, string? modalias = null)
    {
        ArgumentNullException.ThrowIfNull(catalogue);
        if (!string.IsNullOrWhiteSpace(modalias))
        {
            foreach (var entry in catalogue.Speakers)
            {
                foreach (var prefix in entry.Modaliases)
                {
                    if (prefix.Length > 0 && modalias.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)) return entry;
                }
            }
        }

        var text = string.IsNullOrWhiteSpace(model) ? name : model;
        if (!string.IsNullOrWhiteSpace(text))
        {
            foreach (var entry in catalogue.Speakers)
            {
                if (!Contradicts(entry, vendor) && MatchesName(entry, text.Trim())) return entry;
            }
        }

        if (string.IsNullOrWhiteSpace(vendor)) return null;
        foreach (var entry in catalogue.Speakers)
        {
            if (entry.Names.Count == 0 && entry.Modaliases.Count == 0 && Text.NameFolding.Same(vendor, entry.Vendor)) return entry;
        }

        return null;
    }

    /// <summary>
    /// An Echo: by Amazon's device type, else by the whole model name, else by the name without its generation
    /// ("Echo Studio" finds the first entry of that name, and the note says so).
    /// </summary>
    public static EchoMatch? Echo(Catalogue catalogue, string? typeOrModel)
    {
        ArgumentNullException.ThrowIfNull(catalogue);
        if (string.IsNullOrWhiteSpace(typeOrModel)) return null;
        var text = typeOrModel.Trim();
        foreach (var entry in catalogue.Echoes)
        {
            if (entry.Type.Equals(text, StringComparison.OrdinalIgnoreCase)) return new EchoMatch(entry, null, true);
        }

        var wanted = ModelName.Fold(text);
        if (wanted.Length == 0) return null;
        if (Among(catalogue, wanted, ModelName.Fold) is { } exact) return new EchoMatch(exact.First, null, exact.Agree);
        var guess = Among(catalogue, wanted, ModelName.FoldBase) ?? Among(catalogue, ModelName.FoldBase(text), ModelName.FoldBase);
        if (guess is not { } guessed) return null;
        return new EchoMatch(guessed.First, $"\"{Names.Cut(text)}\" is taken for {guessed.First.Model}", guessed.Agree);
    }

    /// <summary>A transmitter: by its model, or where none is stated its name.</summary>
    public static TransmitterModel? Transmitter(Catalogue catalogue, string? model, string? name)
    {
        ArgumentNullException.ThrowIfNull(catalogue);
        var text = string.IsNullOrWhiteSpace(model) ? name : model;
        if (string.IsNullOrWhiteSpace(text)) return null;
        foreach (var entry in catalogue.Transmitters)
        {
            if (Text.NameFolding.Same(entry.Model, text)) return entry;
            foreach (var pattern in entry.Names)
            {
                if (Glob.IsMatch(pattern, text)) return entry;
            }
        }

        return null;
    }

    private static bool Contradicts(SpeakerModel entry, string? vendor) =>
        !string.IsNullOrWhiteSpace(vendor) && !string.IsNullOrWhiteSpace(entry.Vendor)
        && Text.NameFolding.Fold(vendor) is var stated && Text.NameFolding.Fold(entry.Vendor) is var known
        && !stated.Contains(known, StringComparison.Ordinal) && !known.Contains(stated, StringComparison.Ordinal);

    private static bool MatchesName(SpeakerModel entry, string text)
    {
        if (Text.NameFolding.Same(entry.Model, text)) return true;
        foreach (var pattern in entry.Names)
        {
            if (Glob.IsMatch(pattern, text)) return true;
        }

        return false;
    }

    private static (EchoModel First, bool Agree)? Among(Catalogue catalogue, string wanted, Func<string, string> fold)
    {
        EchoModel? first = null;
        var agree = true;
        foreach (var entry in catalogue.Echoes)
        {
            if (fold(entry.Model) != wanted) continue;
            first ??= entry;
            agree &= SameSockets(first, entry);
        }

        return first is null ? null : (first, agree);
    }

    // An entry of which nothing is known does not contradict one that is known.
    private static bool SameSockets(EchoModel a, EchoModel b) => Same(a.Jack, b.Jack) && Same(a.Optical, b.Optical);

    private static bool Same(Socket a, Socket b) => a == b || a == Socket.Unknown || b == Socket.Unknown;
}
