using System.Text;
using Gateway.Configuration;

namespace Gateway.Benchmarks.Fuzzing;

/// <summary>The files that people write.</summary>
internal static class YamlSurfaces
{
    private const string HouseExample = """
        adapters: [{ name: hci0, address: "00:AA:01:00:00:00", powered: true, le_audio: false }]
        echoes:   [{ id: kitchen, online: true, firmware: "1.25.0", account: me, network: home, link: { peer: flip_a, role: plays_to }, wifi_group: null, audio_output: speaker }]
        speakers: [{ id: flip_a, reachable: true, paired_on: [hci0], connected_on: null, held_elsewhere: false }]
        wifi_groups: [{ id: downstairs, members: [kitchen, left] }]
        stereo_pairs: [{ id: pair, left: left, right: right }]
        transmitters: [{ id: oasis, spread_ms: 7.5 }]

        """;

    private static readonly byte[][] s_words = Surface.Texts(
        "[", "]", "{", "}", ": ", "- ", "\n", "\n  ", "\n    ", "\t", "&a ", "*a", "!env ", "!env HOME", "!file ", "!file x", "!!binary ", "!!str ", "!<", "|\n", ">-\n", "'", "\"", "? ", "---\n", "...\n", "%YAML 1.1\n",
        "%TAG ! x\n", "null", "~", "\uFEFF", "\u2028", "\u00A0", "😀", "\\", "\\x", "\\ud800", "#", "<<: ", "999999999999999999999", "-1", ".nan", ".inf", "1e400", "0x10", "true", "name: ", "id: ", "address: ", "00:11:22:33:44:55",
        "members: ", "source: ", "route: ", "file:/x", "mqtt://u:p@h:1", "groups:\n", "speakers:\n", "echoes:\n", "adapters:\n", "transmitters:\n", "routines:\n", "mqtt:\n", "audio:\n", "bluetooth:\n", "limits:\n", "simulation:\n");

    public static Surface Configuration() => new("yaml", [.. Parts("tutti.yaml"), .. Parts("demo.yaml")], s_words, 8192, bytes =>
    {
        var result = ConfigurationLoader.Parse(Encoding.UTF8.GetString(bytes), "/nowhere/tutti.yaml", catalogue: CatalogueLoader.BuiltIn);
        Surface.Must(result.IsValid == result.Configuration is not null, "there is a configuration exactly where nothing is wrong");
        MustBeReadable(result.Errors);
        MustBeReadable(result.Warnings);
    });

    public static Surface House()
    {
        var house = ConfigurationLoader.Parse(Text("demo.yaml"), "/nowhere/demo.yaml").Configuration!.House;
        return new("house", Surface.Texts([HouseExample, .. HouseExample.Split('\n')]), [.. s_words, .. Surface.Texts("role: plays_to", "link: ", "peer: ", "wifi_groups:\n", "stereo_pairs:\n", "left: ", "right: ")], 4096, bytes =>
        {
            var result = HouseFileLoader.Parse(Encoding.UTF8.GetString(bytes), "house.yaml", house);
            Surface.Must(result.Errors.Count == 0 == result.Value is not null, "there is a house exactly where nothing is wrong");
            MustBeReadable(result.Errors);
        });
    }

    public static Surface Catalogue() => new("catalogue", Parts("speakers.yaml"), s_words, 4096, bytes =>
    {
        var result = CatalogueLoader.ParseSpeakers(Encoding.UTF8.GetString(bytes), "speakers.yaml");
        Surface.Must(result.Errors.Count == 0 == result.Value is not null, "there is a catalogue exactly where nothing is wrong");
        MustBeReadable(result.Errors);
    });

    private static void MustBeReadable(IReadOnlyList<ConfigurationError> errors)
    {
        foreach (var error in errors)
            Surface.Must(error is { Line: >= 0, Remedy.Length: > 0 } && error.Message.EndsWith('.') && error.ToString().AsSpan().IndexOfAny('\n', '\r', '\0') < 0, "an error is a sentence on one line, with a place and a remedy");
    }

    /// <summary>The file, and each of its sections alone: short inputs are tried sooner.</summary>
    private static byte[][] Parts(string file)
    {
        var sections = new List<string> { "" };
        foreach (var line in Text(file).Split('\n').Where(l => !l.TrimStart().StartsWith('#')))
        {
            if (line.Length > 0 && char.IsLetter(line[0])) sections.Add("");
            sections[^1] += line + "\n";
        }

        return Surface.Texts([.. sections, string.Concat(sections)]);
    }

    private static string Text(string file) => RepositoryFiles.Text($"config/{file}");
}
