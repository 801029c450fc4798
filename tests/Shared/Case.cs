using Xunit.Sdk;

namespace Gateway.TestSupport;

/// <summary>One case of many in a test's loop: whatever fails in it is told with its name (the seed, the house, the round).</summary>
internal static class Case
{
    public static void Run(string name, Action body)
    {
        try
        {
            body();
        }
        catch (Exception error)
        {
            throw new XunitException($"{name}: {error.Message}", error);
        }
    }
}
