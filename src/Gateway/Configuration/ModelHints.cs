using Gateway.Configuration.Yaml;
using Gateway.Engine;

namespace Gateway.Configuration;

/// <summary>
/// Warns of models that the catalogue does not know: a slip of the pen costs what is known of the device. Most speakers are in no catalogue
/// and need none, so of theirs only what looks like a slip is told. What is wrong otherwise is told by the readers of the sections.
/// </summary>
internal static class ModelHints
{
    public static void Warn(YamlValue root, Catalogue catalogue, Problems problems)
    {
        foreach (var (model, _) in Models(root, "echoes"))
        {
            if (CatalogueMatch.Echo(catalogue, model.Text) is not null) continue;
            problems.Warn(model, $"{model.Shown} is no Echo model that is known here, so its sockets are asked for.",
                DidYouMean(NearestModels.Echoes(catalogue, model.Text)) ?? "Write the model as the Alexa app shows it (About), such as Echo Dot (5th gen).");
        }

        foreach (var (model, vendor) in Models(root, "speakers"))
        {
            if (CatalogueMatch.Speaker(catalogue, model.Text, null, vendor) is null && DidYouMean(NearestModels.Speakers(catalogue, model.Text)) is { } near)
                problems.Warn(model, $"{model.Shown} is no speaker model whose habits are known here.", near);
        }

        foreach (var (model, _) in Models(root, "transmitters"))
        {
            if (CatalogueMatch.Transmitter(catalogue, model.Text, null) is null && DidYouMean(NearestModels.Transmitters(catalogue, model.Text)) is { } near)
                problems.Warn(model, $"{model.Shown} is no transmitter model that is known here.", near);
        }
    }

    private static IEnumerable<(YamlScalar Model, string? Vendor)> Models(YamlValue root, string section)
    {
        foreach (var item in Value(root, section) is YamlList list ? list.Items : [])
        {
            if (Value(item, "model") is YamlScalar { IsNull: false, Hidden: false, Text: var text } model && text.Trim().Length > 0) yield return (model, (Value(item, "vendor") as YamlScalar)?.Text);
        }
    }

    private static YamlValue? Value(YamlValue map, string key) => (map as YamlMap)?.Entries.FirstOrDefault(e => e.Key.Text == key)?.Value;

    private static string? DidYouMean(IReadOnlyList<string> near) => near.Count == 0 ? null : $"Did you mean {string.Join(" or ", near.Select(n => $"\"{n}\""))}? If it is another one, leave it as it is.";
}
