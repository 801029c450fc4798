using Gateway.Configuration.Yaml;
using Gateway.Engine;

namespace Gateway.Configuration;

/// <summary>A source as people write it, its Echo resolved to an id, its phone's address normalised.</summary>
internal static class SourceSetting
{
    public static SourceRef? Read(MapReader block, string key, NameBook names)
    {
        if (block.Scalar(key) is not { } at) return null;
        var (source, message, remedy) = Parse(at.Text, names);
        if (source is null) block.Problems.Add(at, at.Hidden ? "The value is not a source." : message, remedy);
        return source;
    }

    /// <summary>The source, or null with a message and a remedy.</summary>
    public static (SourceRef? Source, string Message, string Remedy) Parse(string text, NameBook names)
    {
        if (IsDlna(text)) return (null, Myths.Dlna, $"Write {Abilities.ThisVersion.SourceForms}.");
        if (text.Length > 1000 || text.Any(char.IsControl) || !SourceRef.TryParse(text, out var source) || source is null)
        {
            return (null, $"{Problems.Quote(text)} is not a source.", $"Write {Abilities.ThisVersion.SourceForms}.");
        }

        if (Abilities.ThisVersion.WhyNot(source) is { } notYet) return (null, notYet, $"Write {Abilities.ThisVersion.SourceForms}.");
        if (source.WhyUnclear is { } unclear) return (null, unclear.Text, unclear.Remedy);
        switch (source.Kind)
        {
            case SourceKind.Echo:
                var found = names.Find(source.Argument!, DeviceKind.Echo);
                return found.Entry is null ? (null, found.Message, found.Remedy) : (source with { Argument = found.Entry.Id }, "", "");
            case SourceKind.Phone when BluetoothAddress.ReadWritten(source.Argument!) is null:
                return (null, $"{Problems.Quote(source.Argument!)} is not a Bluetooth address.", "Write for example phone:00:1A:7D:DA:71:13.");
            case SourceKind.Phone:
                return (source with { Argument = BluetoothAddress.ReadWritten(source.Argument!) }, "", "");
            case SourceKind.Url when !Uri.TryCreate(source.Argument, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https"):
                return (null, $"{Problems.Quote(source.Argument!)} is not an http address.", "Write for example url:http://radio.example/stream.mp3.");
            default:
                return (source, "", "");
        }
    }

    /// <summary>People ask for DLNA in several spellings; each gets the sentence that says why not.</summary>
    private static bool IsDlna(string text)
    {
        var trimmed = text.Trim();
        if (trimmed.StartsWith("url:", StringComparison.OrdinalIgnoreCase)) trimmed = trimmed[4..].TrimStart();
        return trimmed.StartsWith("dlna", StringComparison.OrdinalIgnoreCase) || trimmed.StartsWith("upnp", StringComparison.OrdinalIgnoreCase);
    }
}
