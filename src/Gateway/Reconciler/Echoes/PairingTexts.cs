namespace Gateway.Reconciler.Echoes;

/// <summary>Sentences of the way in that others know again.</summary>
internal static class PairingTexts
{
    /// <summary>Begins the events that tell of the mode itself.</summary>
    public const string ModeIs = "Pairing mode is ";

    private static readonly string[] s_testEnds = ["Heard: ", "Not heard: ", "Not tested: "];

    /// <summary>An event <c>pairing</c> with this text is the last one of an Echo's way in.</summary>
    public static bool EndsTest(string text) => s_testEnds.Any(end => text.StartsWith(end, StringComparison.Ordinal));

    /// <summary>Ends the text of a <c>pairing_question</c>.</summary>
    public static string HowToAnswer(int question) =>
        $"Answer with pairing_answer: ON lets it in, OFF does not (\"ON {question}\" and \"OFF {question}\" answer this question and no other).";
}
