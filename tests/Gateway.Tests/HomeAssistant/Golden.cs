using System.Runtime.CompilerServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Gateway.Tests.HomeAssistant;

/// <summary>Approved texts in <c>tests/golden</c>. They change only with UPDATE_GOLDEN=1, which a CI run refuses.</summary>
internal static class Golden
{
    private static readonly JsonSerializerOptions s_indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Directory => Path.GetFullPath(Path.Combine(SourceDirectory(), "..", "..", "golden", "discovery"));

    private static bool Update => Environment.GetEnvironmentVariable("UPDATE_GOLDEN") is not (null or "");

    public static void RefuseInCi() =>
        Assert.False(Update && Environment.GetEnvironmentVariable("CI") == "true", "UPDATE_GOLDEN is set in a CI run: golden files are approved by people. Run it locally and commit the difference.");

    /// <summary>Compares all texts, by file name, with the files there are.</summary>
    public static void Approve(IReadOnlyDictionary<string, string> texts)
    {
        RefuseInCi();
        var pretty = texts.ToDictionary(t => t.Key, t => JsonNode.Parse(t.Value)!.ToJsonString(s_indented) + "\n");
        if (Update)
        {
            if (System.IO.Directory.Exists(Directory)) System.IO.Directory.Delete(Directory, recursive: true);
            System.IO.Directory.CreateDirectory(Directory);
            foreach (var (file, text) in pretty) File.WriteAllText(Path.Combine(Directory, file), text);
        }

        Assert.Equal(pretty.Keys.Order(), System.IO.Directory.GetFiles(Directory).Select(f => Path.GetFileName(f)).Order());
        foreach (var (file, text) in pretty) Assert.Equal(File.ReadAllText(Path.Combine(Directory, file)), text);
    }

    /// <summary>The folder of this source file, at run time.</summary>
    public static string SourceDirectory([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;
}
