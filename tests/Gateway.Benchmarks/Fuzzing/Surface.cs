using System.Text;

namespace Gateway.Benchmarks.Fuzzing;

/// <summary>A place where bytes that somebody else wrote come in.</summary>
/// <param name="Seeds">Valid examples, and what is next to them.</param>
/// <param name="Words">What this language is made of.</param>
/// <param name="Longest">Bytes of an input.</param>
/// <param name="Try">Reads one input. The reader's declared refusals are caught inside; whatever leaves it is a fault.</param>
internal sealed record Surface(string Name, IReadOnlyList<byte[]> Seeds, IReadOnlyList<byte[]> Words, int Longest, Action<byte[]> Try)
{
    public static IReadOnlyList<string> Names { get; } = ["yaml", "house", "catalogue", "mqtt", "claim", "discovery", "bus", "sbc", "wav", "probe", "stored"];

    /// <param name="work">A folder of its own for what has to lie in files.</param>
    public static Surface Open(string name, string work) => name switch
    {
        "yaml" => YamlSurfaces.Configuration(),
        "house" => YamlSurfaces.House(),
        "catalogue" => YamlSurfaces.Catalogue(),
        "mqtt" => MqttSurfaces.Commands(),
        "claim" => MqttSurfaces.Claims(),
        "discovery" => MqttSurfaces.Discovery(),
        "bus" => BusSurface.Open(),
        "sbc" => SoundSurfaces.Sbc(),
        "wav" => SoundSurfaces.Wav(work),
        "probe" => StoredSurfaces.Probe(work),
        "stored" => StoredSurfaces.Stored(work),
        _ => throw new BenchmarkException($"there is no surface {name}. There are: {string.Join(", ", Names)}."),
    };

    /// <summary>What must hold of an answer; one that does not is a fault as an exception is.</summary>
    public static void Must(bool holds, string what)
    {
        if (!holds) throw new InvalidDataException($"It does not hold that {what}.");
    }

    public static byte[][] Texts(params IEnumerable<string> texts) => [.. texts.Select(Encoding.UTF8.GetBytes)];

    public static byte[][] Json { get; } = Texts(
        "{", "}", "[", "]", ":", ",", "\"", "\\", "\"\"", "null", "true", "false", "0", "-1", "1e999", "1.5", "\\ud800", "\\u0000", "\\ufeff", "\"\\ud800\":1,", "\uFEFF", "//", "/**/", " ",
        "2147483648", "-9223372036854775809", "\"9999-12-31T23:59:59.9999999+00:00\"", "\"0001-01-01T00:00:00+14:00\"");
}
