using Gateway.Engine.Text;

namespace Gateway.Engine;

/// <summary>What a model that the catalogue does not know may have been meant for: at most three, nearest first.</summary>
public static class NearestModels
{
    public static IReadOnlyList<string> Echoes(Catalogue catalogue, string model) => Find(catalogue?.Echoes.Select(e => e.Model) ?? [], model);

    public static IReadOnlyList<string> Speakers(Catalogue catalogue, string model) => Find(catalogue?.Speakers.Select(s => s.Model) ?? [], model);

    public static IReadOnlyList<string> Transmitters(Catalogue catalogue, string model) => Find(catalogue?.Transmitters.Select(t => t.Model) ?? [], model);

    // Compared as models are matched: "(5th gen)" and "5" are one.
    private static IReadOnlyList<string> Find(IEnumerable<string> models, string wanted)
    {
        var byFold = models.DistinctBy(ModelName.Fold).ToDictionary(ModelName.Fold, m => m, StringComparer.Ordinal);
        return [.. NearestNames.Find(ModelName.Fold(wanted), byFold.Keys).Select(f => byFold[f])];
    }
}
